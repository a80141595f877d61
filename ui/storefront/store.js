// The demo shop's own script: its cart, and how it speaks with the widget. Everything here is a shop's part of the deal.
(() => {
  "use strict";
  const dialog = document.getElementById("cart"), told = document.getElementById("told"), bag = document.querySelector(".bag");
  const words = dialog.dataset, name = "store-cart:" + words.shop;
  const whenThere = (call) => (window.daogou = window.daogou || []).push(call); // now, or as soon as the widget is there
  let lines = [];
  try { lines = JSON.parse(localStorage.getItem(name)) || []; } catch { /* a private window: it lasts as long as the page */ }

  function el(tag, props, ...children) {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...children.filter(Boolean));
    return made;
  }
  const money = (amount, currency) => new Intl.NumberFormat(words.lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);

  function changed(by) {
    try { localStorage.setItem(name, JSON.stringify(lines)); } catch { /* the same */ }
    const count = lines.reduce((sum, line) => sum + line.quantity, 0);
    if (bag) {
      bag.lastElementChild.hidden = !count;
      bag.lastElementChild.textContent = count || "";
    }
    if (dialog.open) draw();
    // The guide knows what lies here, so that it can speak of it.
    if (by !== "guide" && (lines.length || by)) whenThere((guide) => guide.cart(lines.map(({ product, size, quantity }) => ({ product, size, quantity }))));
  }

  function put(line) {
    const held = lines.find((l) => l.product === line.product && l.size === line.size);
    if (held) held.quantity += line.quantity;
    else lines.push(line);
    say(words.added.replace("{name}", line.name));
    changed("page");
  }

  function say(text) {
    told.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { told.textContent = ""; }, 4000);
  }

  function draw() {
    const total = lines.reduce((sum, line) => sum + line.amount * line.quantity, 0);
    dialog.replaceChildren(
      el("div", { className: "head" }, el("h2", { textContent: words.cart }), el("button", { type: "button", textContent: words.close, onclick: () => dialog.close() })),
      lines.length ? el("ul", {}, ...lines.map((line) => el("li", {},
        line.image && el("img", { src: line.image, alt: "", width: 60, height: 75 }),
        el("span", { textContent: `${line.quantity} × ${line.name}${line.size ? ` (${line.size})` : ""}`, dir: "auto" }), el("b", { textContent: money(line.amount * line.quantity, line.currency) }),
        el("button", { type: "button", textContent: words.remove, onclick: () => { lines = lines.filter((l) => l !== line); changed("page"); } })))) : el("p", { textContent: words.cartEmpty }),
      lines.length && el("p", { className: "total" }, el("b", { textContent: money(total, lines[0].currency) }),
        el("button", { type: "button", className: "button", textContent: words.checkout, onclick: (e) => e.target.replaceWith(words.noCheckout) })) || "");
  }
  const openCart = () => { draw(); dialog.showModal(); };
  bag?.addEventListener("click", openCart);

  document.getElementById("buy")?.addEventListener("submit", (e) => {
    e.preventDefault();
    const { id, name: called, amount, currency, size, image } = e.target.dataset;
    const chosen = e.target.querySelector("input:checked")?.value || size;
    if (e.target.querySelector("fieldset") && !chosen) {
      say(words.choose);
      return e.target.querySelector("input:not(:disabled)").focus();
    }
    put({ product: id, size: chosen || null, quantity: 1, name: called, amount: +amount, currency, image });
  });
  for (const ask of document.querySelectorAll(".ask")) ask.addEventListener("click", () => whenThere((guide) => {
    const { id, name: called, ask: question } = ask.dataset;
    if (question) return guide.ask(question, id);
    guide.product(id, called);
    guide.open();
  }));

  // What the guide did: a press on "Add" in its window, or a shopper who said so.
  document.addEventListener("daogou:add-to-cart", (e) => say(words.added.replace("{name}", e.detail.name)));
  document.addEventListener("daogou:cart", (e) => {
    const was = lines;
    lines = e.detail.lines.map((l) => ({ product: l.id, size: l.size, quantity: l.quantity, name: l.name, amount: +l.price.amount, currency: l.price.currency,
      image: was.find((w) => w.product === l.id)?.image || (l.image && `/api/v1/pictures/${l.image}?w=120${words.shop ? `&shop=${words.shop}` : ""}`) }));
    changed("guide");
  });
  document.addEventListener("daogou:open-product", (e) => { // the guide would follow the link by itself; a shop may do more here
    e.preventDefault();
    location.assign(e.detail.url);
  });
  const aside = (open) => document.body.classList.toggle("guided", open); // room for the window beside what it speaks of
  document.addEventListener("daogou:open", () => aside(true));
  document.addEventListener("daogou:close", () => aside(false));
  whenThere((guide) => aside(guide.opened));
  document.addEventListener("daogou:checkout", () => openCart());
  changed();
})();
