// The line to the shop: requests, streams that go on where they broke off, one conversation.
class Refused extends Error {
  constructor(problem, status, seconds) {
    super(problem.detail || say("broken"));
    Object.assign(this, { code: problem.code || "", status, seconds: Math.min(+seconds || 0, 60), fields: problem.fields || {} });
  }
}
const HOPELESS = ["no_key", "bad_key", "foreign_origin", "secret_in_browser", "forged_identity", "unknown_shop"];
const SILENT_MS = 45000; // the server speaks every 15 seconds, if only to say that it is there
const TRIES = 15; // about two minutes: a server that is started anew is back by then
let about = {}; // what /start told: the shop's name, limits
let session = null, beginning = null;
let pageCart; // what lies in the page's own cart, where the page told us

function within(ms, promise) {
  let timer;
  return Promise.race([promise, new Promise((_, fail) => { timer = setTimeout(() => fail(new Error("silent")), ms); })]).finally(() => clearTimeout(timer));
}

async function answered(response) {
  if (response.ok) return response;
  let problem = {};
  try { problem = await response.json(); } catch { /* a proxy's own page */ }
  throw new Refused(problem, response.status, response.headers.get("Retry-After"));
}

async function ask(method, path, body, more) {
  const headers = { Authorization: "Bearer " + given.key, "Accept-Language": lang, ...more };
  const who = shopper || kept().me;
  if (who) headers["Daogou-Shopper"] = who;
  if (shopper && proof) headers["Daogou-Proof"] = proof;
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  return answered(await within(SILENT_MS, fetch(api + path, { method, headers, body, cache: "no-store", credentials: "omit" })));
}
const asked = async (...args) => (await ask(...args)).json();

// A simple request, for which a browser asks no leave: a page that may not use the key learns why.
async function start() {
  const query = new URLSearchParams({ key: given.key || "", language: lang, product: given.product || "" });
  const got = await within(SILENT_MS, fetch(`${api}/start?${query}`, { headers: { "Accept-Language": lang }, cache: "no-store", credentials: "omit" }));
  about = await (await answered(got)).json();
  return about;
}

// The conversation; begun with the first thing that is said or done, so that looking at a page begins none.
function conversation() {
  if (session) return session;
  beginning ||= (async () => {
    const whose = slot();
    if (!shopper && !kept().me) keep({ me: (await asked("POST", "/shopper")).id });
    const made = (await asked("POST", "/sessions", {})).id;
    if (whose !== slot()) throw new Error("another shopper");
    keep({ session: made, cart: {} });
    session = made;
    if (pageCart) await mirror().catch(() => {});
    return made;
  })().finally(() => { beginning = null; });
  return beginning;
}

// Server-Sent Events; `place.id` becomes that of the newest one.
async function* events(answer, place) {
  const reader = answer.body.getReader(), decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await within(SILENT_MS, reader.read());
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      for (let end; (end = rest.indexOf("\n\n")) >= 0;) {
        let data = "", id = "";
        for (const line of rest.slice(0, end).split("\n")) {
          if (line.startsWith("id: ")) id = line.slice(4);
          else if (line.startsWith("data: ")) data += line.slice(6);
        }
        rest = rest.slice(end + 2);
        if (id) place.id = id;
        if (data) yield Object.assign(JSON.parse(data), { at: id });
      }
    }
  } finally { reader.cancel().catch(() => {}); }
}

// Until the network may be back: after a while, or as soon as the browser says so.
const pause = (tries) => Promise.race([wait(Math.min(500 * 2 ** tries, 10000)), new Promise((back) => addEventListener("online", back, { once: true }))]);

// Every event that answers `message`, over as many connections as it takes, none twice. A message that has a key is sent again
// under the same one, so that it is said once; one that has a place already is only listened to.
async function* reply(message) {
  for (let tries = 0; ; tries++) {
    try {
      const open = await conversation();
      const answer = message.id
        ? await ask("GET", `/sessions/${open}/turns/${message.id.split(".")[0]}/events`, null, { "Last-Event-ID": message.id })
        : await ask("POST", `/sessions/${open}/messages`, form(message), { "Idempotency-Key": message.key });
      for await (const event of events(answer, message)) {
        tries = 0;
        yield event;
        if (event.type === "done") return;
      }
    } catch (error) {
      const refused = error instanceof Refused;
      if (refused && error.code === "no_session" && !message.id && tries < 2) { // it has expired: a new one
        session = null;
        keep({ session: undefined });
        continue;
      }
      const passing = !refused || error.status >= 500 || error.status === 429 || error.code === "busy";
      if (!passing || tries >= TRIES) throw error;
      if (!refused && tries === 1) await start().catch((why) => { if (HOPELESS.includes(why.code)) throw why; });
      yield { type: "waiting", seconds: error.seconds };
      if (error.seconds) await wait(error.seconds * 1000);
    }
    if (tries >= TRIES) throw new Error("lost");
    await pause(tries);
  }
}

function form(message) {
  const body = new FormData();
  body.append("text", message.text);
  if (message.focus) body.append("focus", message.focus);
  for (const photo of message.photos || []) body.append("photo", photo, photo.name || "photo.jpg");
  return body;
}

const picture = (name, width) => `${api}/pictures/${String(name).split("/").map(encodeURIComponent).join("/")}?w=${width}${about.pictures ? "&" + about.pictures : ""}`;
