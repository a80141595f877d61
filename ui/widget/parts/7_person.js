// People of the shop: asking for one, and what they say outside the shopper's own turns.
let ears = 0; // counts up when an old listener is to stop
let state = "assistant", listening = false;

function speaks(speaker) {
  state = speaker.state;
  who.textContent = say({ person: "person_speaks", waiting: "waiting", message: "message" }[state] || "automatic", { name: speaker.name || say("person"), nth: speaker.position || 1 });
  host.classList.toggle("human", state === "person");
  human.textContent = say(state === "assistant" ? "to_person" : state === "person" ? "to_assistant" : "leave_queue");
}

async function toPerson() {
  human.disabled = true;
  try {
    const open = await conversation();
    const told = state === "assistant" ? await asked("POST", `/sessions/${open}/handoff`, {}) : await asked("DELETE", `/sessions/${open}/handoff`);
    await catchUp(); // it is told in the conversation
    heard(told);
    announce(told.text || "");
  } catch (error) { fault(error); }
  human.disabled = false;
}

function heard(told) {
  speaks(told);
  if (told.state === "message" && !told.contact && !log.querySelector(".contact")) (log.lastElementChild || log).append(contact());
  if (told.state === "assistant") hush();
  else listen();
}

// Nobody is there now: where to be answered.
function contact() {
  const where = el("input", { type: "text", required: true, maxLength: 200, autocomplete: "email", placeholder: say("contact"), "aria-label": say("contact") });
  const agreed = el("input", { type: "checkbox", required: true });
  const made = el("form", { class: "note contact", onsubmit: async (e) => {
    e.preventDefault();
    try {
      await ask("PUT", `/sessions/${session}/handoff/contact`, { contact: where.value.trim(), consent: agreed.checked });
      made.replaceWith(el("p", { class: "speaker", text: say("contact_kept") }));
      announce(say("contact_kept"));
    } catch (error) { fault(error, null, made); }
  } }, where, el("label", {}, agreed, " ", say("contact_agree")), el("button", { type: "submit", class: "add", text: say("contact_send") }));
  return made;
}

// Who speaks now? After a reload, and where the assistant has asked for a person.
async function nowSpeaks() {
  const told = await asked("GET", `/sessions/${session}/handoff`).catch(() => null);
  if (told) heard(told);
}

function hush() {
  ears++;
  listening = false;
  speaks({ state: "assistant" });
}

async function listen() {
  if (listening) return;
  listening = true;
  const mine = ++ears, open = session, place = { id: "" };
  for (let tries = 0; mine === ears && tries < 30; tries++) {
    try {
      const from = place.id ? "" : "?since=" + turns.size;
      const answer = await ask("GET", `/sessions/${open}/events${from}`, null, place.id ? { "Last-Event-ID": place.id } : {});
      let view = null;
      for await (const event of events(answer, place)) {
        if (mine !== ears) return;
        tries = 0;
        if (event.type === "turn_started") { view = turns.has(event.turn) ? null : turnView("", [], event.turn); continue; }
        if (!view) { if (event.type === "speaker" && !event.at) speaks(event); continue; }
        view.take(event);
        if (event.type === "done") {
          if (!busy) newest(view);
          view.aloud();
          if (!panel.open) unread(news + 1);
          keep({ turns: turns.size });
          view = null;
        }
      }
    } catch (error) {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) break;
    }
    await pause(Math.min(tries, 5));
  }
  listening = false;
}
