// The page around: its cart, its product, its shopper, and `window.daogou`, by which it speaks to us.
function counted(cart) {
  const n = (cart.lines || []).reduce((sum, l) => sum + l.quantity, 0);
  bagCount.hidden = !n;
  bagCount.textContent = n || "";
  bag.setAttribute("aria-label", n ? say("cart_of", { count: n }) : say("cart"));
}

const wished = (p, size, quantity, by) => ({ id: p.id, size, quantity, name: p.name, price: p.sale_price || p.price, image: p.image && picture(p.image, 240), by });

// What is new in the cart is told to the page once, also where the page was loaded anew meanwhile.
function carted(cart, by) {
  const before = kept().cart || {}, now = {};
  for (const l of cart.lines) now[`${l.id} ${l.size || ""}`] = l.quantity;
  counted(cart);
  if (by === "elsewhere" || JSON.stringify(before) === JSON.stringify(now)) return false;
  keep({ cart: now });
  if (by === "page") return false;
  if (by === "talk") for (const l of cart.lines) {
    const quantity = l.quantity - (before[`${l.id} ${l.size || ""}`] || 0);
    if (quantity > 0) tell("add-to-cart", wished(l, l.size, quantity, by));
  }
  tell("cart", { lines: cart.lines, total: cart.total });
  return true;
}

// A press on "Add": the page may take it over; else it is put into the cart of the conversation. False: the page did.
async function add(product, size) {
  if (!tell("add-to-cart", wished(product, size || null, 1, "button"), true)) return false;
  const open = await conversation(), key = fresh();
  for (let tries = 0; ; tries++) {
    try {
      carted(await asked("POST", `/sessions/${open}/cart/lines`, { product: product.id, size: size || null, quantity: 1 }, { "Idempotency-Key": key }), "button");
      return true;
    } catch (error) {
      if (error instanceof Refused || tries > 2) throw error;
      await pause(tries);
    }
  }
}

// The page's own cart is what holds; but what was changed by talk while the page was loaded is told to it first, once, and not
// undone by what it knew before.
let told = false;
async function mirror() {
  const before = told || !Object.keys(kept()).includes("cart") ? null : await asked("GET", `/sessions/${session}/cart`);
  told = true;
  if (before && carted(before, "talk")) return;
  const taken = await asked("PUT", `/sessions/${session}/cart`, { lines: pageCart });
  for (const m of taken.missed) warn(`the cart's ${m.product} ${m.size || ""} could not be taken over: ${m.problem}`);
  carted(taken.cart, "page");
}

async function showCart() {
  const inside = el("div", { class: "lines" });
  const change = (method, l, body) => async () => {
    try {
      const size = method === "DELETE" && l.size ? "?size=" + encodeURIComponent(l.size) : "";
      const cart = await asked(method, `/sessions/${session}/cart/lines/${encodeURIComponent(l.id)}${size}`, body);
      carted(cart, "button");
      list(cart);
    } catch (error) { fault(error, null, inside); }
  };
  const list = (cart) => inside.replaceChildren(...(cart.lines.length ? [
    ...cart.lines.map((l) => el("div", { class: "cartline" }, image(l.image, "", 64) || el("span"),
      el("div", {}, el("span", { class: "name", dir: "auto", text: l.name }), note([l.size, l.color].filter(Boolean).join(", ")), el("strong", { text: l.price.text })),
      el("div", { class: "step", role: "group", "aria-label": say("quantity_of", { name: l.name }) },
        button("size", "−", l.quantity > 1 ? change("PATCH", l, { size: l.size, quantity: l.quantity - 1 }) : change("DELETE", l), { "aria-label": say("less") }), el("span", { text: l.quantity }),
        button("size", "+", change("PATCH", l, { size: l.size, quantity: l.quantity + 1 }), { "aria-label": say("plus") })))),
    cart.total && row(el("strong", { text: say("total") }), el("strong", { text: cart.total.text })),
    ("checkout" in given || given.checkoutUrl) && button("add wide", say("checkout"), () => {
      const url = address(given.checkoutUrl);
      if (tell("checkout", { lines: cart.lines, total: cart.total, url }, true) && url) location.assign(url);
    }),
  ] : [el("p", { class: "quiet", text: say("cart_empty") })]).filter(Boolean));
  try {
    list(session ? await asked("GET", `/sessions/${session}/cart`) : { lines: [] });
    sheet(say("cart"), inside);
  } catch (error) { fault(error); }
}

// Another shopper, or none: their own conversation, and nothing of the one before.
function whoIs(id, evidence) {
  shopper = id ? String(id) : "";
  proof = evidence || "";
  session = null;
  hush();
  works(false);
  photos = [];
  input.value = "";
  for (const part of [log, tray]) part.replaceChildren();
  turns.clear();
  chips.replaceChildren();
  counted({ lines: [] });
  begun = false;
  if (panel.open) begin();
}

const daogou = {
  open: () => toggle(true),
  close: () => toggle(false),
  /** Ask something; `product`: the id of what it is about. */
  ask: async (text, product) => { await toggle(true); await send(String(text), [], product || null); },
  /** The product that the page shows now; the next message is about it. */
  product: (id, name) => { given.product = id || ""; pin(id, name); },
  /** The customer who is signed in, and the proof that the shop's server made; without an id nobody is. */
  shopper: whoIs,
  /** What lies in the page's own cart: [{product, size, quantity}]. */
  cart: async (lines) => {
    pageCart = (lines || []).map((l) => ({ product: String(l.product), size: l.size || null, quantity: l.quantity || 1 }));
    if (session) await mirror().catch((error) => warn(`${error.code || "offline"}: ${error.message}`));
  },
  person: async () => { await toggle(true); if (state === "assistant") await toPerson(); },
  push: (call) => call(daogou),
  language: lang,
  get opened() { return panel.open; },
};

function ready() {
  dress();
  document.body.append(host);
  session = kept().session || null;
  if (given.cart) try { daogou.cart(JSON.parse(given.cart)); } catch { warn(say("bad_cart")); }
  if (given.product) pin(given.product, given.productName);
  if (!narrow.matches && (kept().open || ("open" in given && given.open !== "false"))) toggle(true, true);
  const early = window.daogou;
  window.daogou = daogou;
  if (Array.isArray(early)) for (const call of early) call(daogou);
  tell("ready", { daogou });
}
addEventListener("storage", (e) => { if (e.key === slot() && panel.open) catchUp(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && panel.open) catchUp(); });
if (!given.key) warn(say("no_key"));
if (document.body) ready(); else addEventListener("DOMContentLoaded", ready);
