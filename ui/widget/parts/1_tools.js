// What everything else stands on: settings, words, storage, elements. All parts share one function; see ui/widget/__init__.py.
// No framework, no innerHTML, no inline style: it runs under a strict Content-Security-Policy, and nothing that a shop or a
// shopper wrote can become markup.
const WORDS = "%WORDS%", CSS = "%CSS%";
const script = document.currentScript || document.querySelector("script[src*='widget.js'][data-key]") || document.querySelector("script[src*='widget.js']");
const given = { ...window.daogouSettings, ...script?.dataset };
const base = (given.base || new URL(".", script.src).href).replace(/\/+$/, "");
const api = base + "/api/v1";
const lang = (given.lang && given.lang !== "auto" ? given.lang : document.documentElement.lang || navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
const warn = (text) => console.error("[daogou] " + text);
const say = (key, values) => (WORDS[key]?.[+(lang === "en")] ?? key).replace(/\{(\w+)\}/g, (_, name) => values?.[name] ?? "");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const fresh = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// Who shops here: the shop's own id of a signed-in customer with the proof of it, else nobody in particular.
let shopper = given.shopper || "", proof = given.proof || "";

// What survives a reload, for each shopper apart. Where the browser keeps nothing (a private window, blocked storage) it lasts as
// long as the page.
const memory = {};
let blocked = false;
const slot = () => `daogou:${(given.key || "").slice(-8)}:${shopper}`;
function kept() {
  if (!blocked) try { return JSON.parse(localStorage.getItem(slot())) || {}; } catch { blocked = true; }
  return memory[slot()] || {};
}
function keep(more) {
  const all = JSON.stringify({ ...kept(), ...more });
  if (!blocked) try { return localStorage.setItem(slot(), all); } catch { blocked = true; }
  memory[slot()] = JSON.parse(all);
}

// An element; properties by name, "on…" as listeners, whatever is no property as an attribute. Text is only ever text.
function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "text") made.textContent = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(3).filter((c) => c || c === 0));
  return made;
}

const ICONS = {
  chat: "M12 8V6.4a2 2 0 1 1 1.6 2L12 9.2 3.4 15.6A1.6 1.6 0 0 0 4.4 18.5h15.2a1.6 1.6 0 0 0 1-2.9L12 9.2",
  send: "M12 19V5m-6 6 6-6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  bag: "M6 8h12l1 12H5L6 8Zm3 0V7a3 3 0 0 1 6 0v1",
  photo: "M4 5h16v14H4V5Zm0 11 5-5 4 4 3-3 4 4M15.5 9h.01",
  camera: "M4 8h4l1.5-2.5h5L16 8h4v11H4V8Zm8 8.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z",
  up: "M7 11v9H4v-9h3Zm0 0 4-7c1.7 0 2.4 1.3 2 3l-.6 3H19a1.6 1.6 0 0 1 1.6 2l-1.4 6.4A2 2 0 0 1 17.2 20H7",
  down: "M17 13V4h3v9h-3Zm0 0-4 7c-1.7 0-2.4-1.3-2-3l.6-3H5a1.6 1.6 0 0 1-1.6-2l1.4-6.400A2 2 0 0 1 6.8 4H17",
};
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "i-" + name);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
const button = (cls, text, onclick, more) => el("button", { type: "button", class: cls, text, onclick, ...more });
const iconButton = (name, label, onclick, more) => {
  const made = button("plain icon", "", onclick, { "aria-label": label, title: label, ...more });
  made.append(icon(name));
  return made;
};
const hidden = (text) => el("span", { class: "hidden", text });

// To the page: true unless it said, by preventDefault, that it takes care of it.
const tell = (name, detail, cancelable = false) =>
  document.dispatchEvent(new CustomEvent("daogou:" + name, { detail, cancelable, bubbles: true }));

// An address of the page's own pattern for something, where it is one that can be opened.
function address(pattern, id) {
  if (!pattern) return null;
  try {
    const url = new URL(pattern.replace("{id}", encodeURIComponent(id ?? "")), document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch { return null; }
}
