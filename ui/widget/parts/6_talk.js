// The conversation on the screen.
const turns = new Map(); // number → what shows it
let busy = false, focus = null;

function turnView(text, shown = [], number) {
  const said = (text || shown.length > 0) && el("div", { class: "you" }, hidden(say("you_said")), el("div", { class: "pics" }, shown.map((src) => el("img", { src, alt: say("your_photo"), onerror: (e) => e.target.remove() }))), text && el("p", { dir: "auto", text }));
  const waiting = el("p", { class: "working" }), words = el("div", { class: "guide" }), made = el("div", { class: "shown" }), trouble = el("div");
  const all = el("div", { class: "turn" }, said, waiting, words, made, trouble);
  let told = "", spoken = hidden(say("guide_said")), what = [];
  const view = {
    all,
    trouble,
    busy: (text) => { waiting.textContent = text; },
    take(event) {
      if (event.type === "turn_started") { chips.replaceChildren(); const other = turns.get(event.turn); if (other !== view) other?.all.remove(); turns.set(view.number = event.turn, view); }
      else if (event.type === "token") { told += event.text; words.replaceChildren(spoken, ...prose(told)); view.busy(""); }
      else if (event.type === "thinking") view.busy(event.label);
      else if (event.type === "waiting") view.busy(event.seconds ? say("many") : say("reconnecting"));
      else if (event.type === "suggestions") suggest(event.items);
      else if (event.type === "done") {
        if (!told && event.text && !made.childNodes.length) words.replaceChildren(spoken, ...prose(told = event.text));
        view.busy("");
        if (told) all.append(verdict(view.number));
      } else if (DRAW[event.type]) {
        const shown = [DRAW[event.type](event)].flat(2).filter(Boolean);
        what.push(...shown);
        if (event.code === "interrupted") suggest([text]); // its server died over it
        made.append(...shown);
      }
    },
    // What a screen reader is told, once it is all there.
    aloud: () => announce([told, ...what.filter((w) => w.matches(".person, .speaker, .error")).map((w) => w.innerText), what.some((w) => w.matches(".cards, .outfit")) && say("shown")].filter(Boolean).join(" ")),
  };
  log.append(all);
  if (number !== undefined) turns.set(view.number = number, view);
  return view;
}

// The newest turn begins at the top and grows downwards, so that nothing moves that is being read.
function newest(view) {
  for (const other of log.children) other.style.minHeight = "";
  view.all.style.minHeight = log.clientHeight - 24 + "px";
  log.scrollTop = view.all.offsetTop - log.offsetTop - 8;
}

function verdict(number) {
  const made = el("div", { class: "verdict" });
  const give = (good) => async (e) => {
    const pressed = e.currentTarget;
    try { await ask("PUT", `/sessions/${session}/turns/${number}/feedback`, { verdict: good ? "good" : "bad" }); } catch { return announce(say("broken")); }
    for (const b of made.children) b.setAttribute("aria-pressed", String(b === pressed));
    announce(say("thanks"));
  };
  made.append(iconButton("up", say("good"), give(true), { "aria-pressed": "false" }), iconButton("down", say("bad"), give(false), { "aria-pressed": "false" }));
  return made;
}

function suggest(items, about) {
  chips.classList.toggle("first", !turns.size);
  chips.replaceChildren(...(items || []).slice(0, 4).map((text) => button("chip", text, () => send(text, [], about))));
}

function pin(product, name) {
  focus = product || null;
  pinned.hidden = !product;
  pinned.replaceChildren();
  if (product) pinned.append(el("span", { dir: "auto", text: say("about", { name: name || "" }) }), iconButton("close", say("unpin"), () => { pin(); input.focus(); }));
}

function submit() {
  const text = input.value.trim();
  if ((!text && !photos.length) || busy) return;
  const sent = photos.splice(0);
  input.value = "";
  grow();
  tray.replaceChildren();
  send(text, sent, focus);
}

async function send(text, sent = [], product = null) {
  if (busy) return;
  if (product === focus) pin();
  const message = { text, photos: sent, focus: product, key: fresh() };
  keep({ pending: { text, focus: product, key: message.key, photos: sent.length, at: Date.now() } });
  const view = turnView(text, sent.map((p) => URL.createObjectURL(p)));
  newest(view);
  await follow(message, view);
}

const works = (yes) => { busy = sender.disabled = yes; };

// Listen to the answer until it is whole; where it cannot be had, it can be tried again, and is still the same message.
async function follow(message, view) {
  const whose = slot();
  works(true);
  if (chips.contains(root.activeElement)) arrive(); // a pressed chip goes away
  chips.replaceChildren();
  status.textContent = "";
  view.trouble.replaceChildren();
  view.busy(say("working"));
  announce(say("working"));
  try {
    for await (const event of reply(message)) {
      if (whose !== slot()) return; // somebody else shops here now
      if (event.type === "turn_started") keep({ pending: undefined });
      if (event.type === "waiting") announce(say("reconnecting"));
      view.take(event);
    }
    view.aloud();
    keep({ turns: turns.size });
  } catch (error) {
    if (whose !== slot()) return;
    view.busy("");
    if (error instanceof Refused) keep({ pending: undefined });
    fault(error, () => follow(message, view), view.trouble);
  } finally { if (whose === slot()) works(false); }
}

function fault(error, again, place = log) {
  const hopeless = HOPELESS.includes(error.code);
  if (hopeless) warn(`${error.code}: ${error.message} (${location.origin})`);
  const told = hopeless ? say("not_here") : error instanceof Refused ? error.message : say("offline");
  const made = el("div", { class: "error", role: "alert" }, el("p", { dir: "auto", text: told }),
    again && !hopeless && button("chip", say("again"), () => { made.remove(); arrive(); again(); }));
  place.append(made);
  made.scrollIntoView({ block: "nearest" });
}

async function begin() {
  begun = true;
  const known = session || kept().session;
  busy = !!known; // nothing is sent into a conversation that is not drawn yet
  if (!known) greet();
  try {
    const told = await start();
    if (!given.title) panel.setAttribute("aria-label", title.textContent = say("title_of", { shop: told.shop }));
    input.maxLength = told.max_chars;
    if (told.product && given.product === told.product.id && !focus) pin(told.product.id, told.product.name);
    if (known && await restore(known)) return;
    greet(told);
    const pending = waiting();
    if (pending) await again(pending);
  } catch (error) {
    begun = false;
    fault(error, begin);
  } finally { busy = false; }
}

function greet(told) {
  if (!log.querySelector(".greeting")) log.append(el("div", { class: "greeting guide" }));
  log.querySelector(".greeting").replaceChildren(...prose(told?.greeting || say("hello")));
  if (told && !chips.childNodes.length && !turns.size) suggest(told.starters, told.product?.id);
}

// What was sent last and may not have arrived; not what somebody wrote here yesterday.
const waiting = () => { const { pending } = kept(); return pending && Date.now() - pending.at < 3600000 ? pending : null; };

// The conversation as it was before the page was loaded anew; false where it is no longer kept.
async function restore(known) {
  let was;
  try { was = await asked("GET", "/sessions/" + known); } catch (error) {
    if (error.status !== 404) throw error;
    keep({ session: undefined, cart: {} });
    return false;
  }
  session = known;
  log.replaceChildren();
  turns.clear();
  const pending = waiting();
  const open = was.turns.findIndex((t) => t.events[t.events.length - 1]?.type !== "done");
  was.turns.forEach((turn, n) => n !== open && redraw(turn, n));
  if (!was.turns.length) greet(about);
  carted(was.cart, "talk");
  const lastView = turns.get(was.turns.length - 1);
  if (lastView) newest(lastView);
  if (open >= 0) {
    const view = turnView(was.turns[open].text, was.turns[open].photos.map((p) => picture(p, 240)), open);
    newest(view);
    await follow({ id: `${open}.0.0` }, view);
  } else if (pending) await again(pending, was.turns[was.turns.length - 1]);
  keep({ turns: turns.size });
  if (was.turns.some((t) => t.events.some((e) => e.type === "speaker" || e.type === "handoff"))) nowSpeaks();
  return true;
}

function redraw(turn, number) {
  const view = turnView(turn.text, turn.photos.map((p) => picture(p, 240)), number);
  replaying = true;
  for (const event of turn.events) view.take(event);
  replaying = false;
  return view;
}

// A message of which nobody knows whether it arrived: sent again under its own name. Its photos are gone with the page.
async function again(pending, last) {
  if (pending.photos) {
    keep({ pending: undefined });
    if (last?.text === pending.text && last.photos.length) return;
    input.value = pending.text;
    status.textContent = say("photo_again");
    return;
  }
  const view = turnView(pending.text);
  newest(view);
  await follow({ ...pending, photos: [] }, view);
}

// What came while nobody looked, or in another window.
async function catchUp() {
  if (!session || busy || !begun) return;
  const now = session, { session: other } = kept();
  if (other && other !== session) { session = null; log.replaceChildren(); turns.clear(); chips.replaceChildren(); return begin(); }
  const was = await asked("GET", `/sessions/${now}?since=${turns.size}`).catch(() => null);
  if (!was || now !== session || busy) return;
  was.turns.forEach((turn, n) => { if (turn.events[turn.events.length - 1]?.type === "done" && !turns.has(turns.size)) newest(redraw(turn, turns.size)); });
  carted(was.cart, "elsewhere");
}

function startOver() {
  if (busy) return;
  session = null;
  keep({ session: undefined, pending: undefined, turns: 0, cart: {} });
  hush();
  log.replaceChildren();
  turns.clear();
  chips.replaceChildren();
  counted({ lines: [] });
  pin();
  begin();
  input.focus();
}

async function erase() {
  if (busy) return;
  const sure = sheet(say("erase"), el("p", { text: say("erase_sure") }), button("add wide", say("erase_yes"), async () => {
    try {
      if (shopper || kept().me) await ask("DELETE", "/shopper");
    } catch (error) { sure.close(); return fault(error); }
    sure.close();
    keep({ me: undefined });
    startOver();
    announce(say("erased"));
  }));
}
