// The button in the corner and the window that it opens.
const host = el("daogou-chat", { lang: lang === "zh" ? "zh-CN" : "en" });
const root = host.attachShadow({ mode: "open" });
try {
  const style = new CSSStyleSheet();
  style.replaceSync(CSS);
  root.adoptedStyleSheets = [style];
} catch { root.append(el("style", { text: CSS })); } // an older browser
for (const name of ["accent", "onAccent", "ground", "ink", "soft", "line", "quiet", "radius", "font"])
  if (given[name]) host.style.setProperty("--daogou-" + name.replace(/[A-Z]/g, "-$&").toLowerCase(), given[name]);

const narrow = matchMedia("(max-width: 520px)"), night = matchMedia("(prefers-color-scheme: dark)");
const touch = matchMedia("(pointer: coarse)");
// Dark where it is asked for; by itself only on a page that can be dark, too.
function dress() {
  const page = getComputedStyle(document.documentElement).colorScheme + (document.querySelector("meta[name=color-scheme]")?.content || "");
  const dark = given.theme === "dark" || (given.theme !== "light" && night.matches && page.includes("dark"));
  host.classList.toggle("dark", dark);
  host.classList.toggle("left", given.position === "left");
}

const live = el("p", { class: "hidden", "aria-live": "polite" });
const announce = (text) => { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 60); };
const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": say("log"), tabIndex: 0 });
const status = el("p", { class: "status", role: "status" });
const chips = el("div", { class: "chips", role: "group", "aria-label": say("chips") });
const pinned = el("div", { class: "pin", hidden: true });
const tray = el("div", { class: "tray" });
const input = el("textarea", { rows: 1, placeholder: say("placeholder"), "aria-label": say("placeholder"), maxLength: 4000, enterKeyHint: "send" });
const sender = el("button", { type: "submit", class: "send", "aria-label": say("send"), title: say("send") }, icon("send"));
const files = el("input", { type: "file", accept: "image/*", multiple: true, hidden: true, onchange: () => attach(files.files) });
const shot = el("input", { type: "file", accept: "image/*", capture: "environment", hidden: true, onchange: () => attach(shot.files) });
const title = el("h2", { text: given.title || say("title"), dir: "auto" });
const who = el("p", { class: "who", dir: "auto", text: say("automatic") });
const bagCount = el("span", { class: "count", hidden: true });
const bag = iconButton("bag", say("cart"), showCart);
bag.append(bagCount);
const menu = el("div", { class: "menu", hidden: true },
  button("plain", say("fresh"), () => { toggleMenu(false); startOver(); }),
  button("plain", say("erase"), () => { toggleMenu(false); erase(); }));
const more = iconButton("more", say("more"), () => toggleMenu(menu.hidden), { "aria-expanded": "false" });
const human = button("link", say("to_person"), () => toPerson());
const panel = el("dialog", { class: "panel", "aria-label": given.title || say("title") },
  el("div", { class: "head" }, el("div", { class: "mark" }, icon("chat")), el("div", { class: "heads" }, title, who), bag, more,
    iconButton("close", say("close"), () => toggle(false)), menu),
  log, live, status, chips, pinned, tray,
  el("form", { onsubmit: (e) => { e.preventDefault(); submit(); } },
    iconButton("photo", say("photo"), () => files.click()),
    iconButton("camera", say("camera"), takePhoto, { hidden: !touch.matches && !navigator.mediaDevices?.getUserMedia }),
    input, sender, files, shot),
  el("p", { class: "foot" }, human));
const badge = el("span", { class: "count", hidden: true });
const launcher = el("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: () => toggle(true) },
  icon("chat"), el("span", { class: "label", text: given.label || say("launch") }), badge);
root.append(launcher, panel);

panel.addEventListener("cancel", (e) => { e.preventDefault(); if (e.target === panel) escape(); });
root.addEventListener("keydown", (e) => { if (e.key === "Escape" && panel.open && !e.defaultPrevented && !root.querySelector(".sheet[open]")) { e.preventDefault(); e.stopPropagation(); escape(); } });
root.addEventListener("click", (e) => { if (!menu.hidden && !menu.contains(e.target) && !more.contains(e.target)) toggleMenu(false); });
input.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing && e.keyCode !== 229) { e.preventDefault(); submit(); }
});
const grow = () => { input.style.height = "auto"; input.style.height = Math.min(input.scrollHeight + 2, 120) + "px"; };
input.addEventListener("input", grow);
panel.addEventListener("paste", (e) => { if (e.clipboardData?.files.length) { e.preventDefault(); attach(e.clipboardData.files); } });
for (const kind of ["dragover", "dragleave", "drop"])
  panel.addEventListener(kind, (e) => {
    if (kind !== "dragleave") e.preventDefault();
    panel.classList.toggle("over", kind === "dragover");
    if (kind === "drop") attach(e.dataTransfer.files);
  });
for (const kind of ["keydown", "keypress", "keyup"]) host.addEventListener(kind, (e) => e.stopPropagation()); // the page's own shortcuts
night.addEventListener("change", dress);
narrow.addEventListener("change", () => { if (panel.open) { panel.close(); show(); } });
// A phone's keyboard covers the page without making it smaller.
const seen = window.visualViewport;
seen?.addEventListener("resize", () => { panel.style.maxHeight = narrow.matches && seen.height < innerHeight - 60 ? seen.height + "px" : ""; });

const escape = () => (menu.hidden ? toggle(false) : toggleMenu(false));
function toggleMenu(open) {
  menu.hidden = !open;
  more.setAttribute("aria-expanded", String(open));
  (open ? menu.firstChild : more).focus();
}

// On a phone it is all of the screen, and nothing behind it can be reached; else it stands beside the page.
const arrive = () => (touch.matches ? log : input).focus(); // a phone's keyboard comes when it is wanted
const show = () => (narrow.matches ? panel.showModal() : panel.show());
let begun = false;
async function toggle(open, quietly) {
  if (open === panel.open) { if (open && !quietly) arrive(); return; }
  keep({ open: open || undefined });
  launcher.setAttribute("aria-expanded", String(open));
  if (!open) {
    launcher.hidden = false;
    const inside = !!root.activeElement;
    panel.close();
    if (inside && !document.activeElement?.matches(":not(body, daogou-chat)")) launcher.focus();
    return tell("close");
  }
  unread(0);
  if (quietly) panel.setAttribute("open", "");
  else { show(); arrive(); }
  launcher.hidden = true;
  tell("open");
  if (!begun) await begin();
  else catchUp();
}

let news = 0;
function unread(n) {
  news = n;
  badge.hidden = !n;
  badge.textContent = n || "";
}

// Something shown over the window until it is closed; the focus goes back where it was.
function sheet(name, ...content) {
  const made = el("dialog", { class: "sheet", "aria-label": name, onclose: () => made.remove() },
    el("div", { class: "head" }, el("h2", { text: name, dir: "auto" }), iconButton("close", say("back"), () => made.close())), el("div", { class: "inside" }, content));
  root.append(made);
  made.showModal();
  return made;
}
