// What the shop answers, as elements: one function for each kind of event.
let replaying = false; // while an earlier conversation is drawn, which changes nothing any more
const image = (name, alt, width, ratio = 1.25) => name && el("img", {
  loading: "lazy", decoding: "async", alt, width, height: Math.round(width * ratio), onerror: (e) => e.target.remove(),
  srcset: `${picture(name, width)} 1x, ${picture(name, width * 2)} 2x`, src: picture(name, width),
});

// Paragraphs, lists of "- ", line breaks and **bold**: nothing else of what is said means anything.
function prose(text) {
  const inline = (line) => line.split(/\*\*(\S(?:.{0,198}?\S)?)\*\*/).map((part, n) => (n % 2 ? el("strong", { text: part }) : document.createTextNode(part)));
  return (text || "").trim().split(/\n\s*\n/).flatMap((block) => {
    const made = [];
    for (const line of block.split("\n")) {
      const item = /^\s*[-*•]\s+/.exec(line);
      const last = made[made.length - 1];
      if (item) {
        const list = last?.tagName === "UL" ? last : el("ul");
        list.append(el("li", { dir: "auto" }, inline(line.slice(item[0].length))));
        if (list !== last) made.push(list);
      } else if (last?.tagName === "P") last.append(el("br"), ...inline(line));
      else made.push(el("p", { dir: "auto" }, inline(line)));
    }
    return made;
  });
}

const price = (p) => p.sale_price
  ? [hidden(say("now")), el("strong", { class: "sale", text: p.sale_price.text }), " ", hidden(say("was")), el("s", { text: p.price.text })]
  : el("strong", { text: p.price.text });

// Opening a product is the page's to do; where it does nothing, it is told about here.
function opens(product, cls, ...children) {
  const href = address(given.productUrl, product.id);
  const onclick = (e) => {
    if (href && (e.ctrlKey || e.metaKey || e.shiftKey)) return;
    if (!tell("open-product", { id: product.id, name: product.name, url: href }, true)) e.preventDefault();
    else if (!href) send(say("details", { name: product.name }), [], product.id);
  };
  return href ? el("a", { class: cls, href, onclick }, children) : el("button", { type: "button", class: cls, onclick }, children);
}

function card(product, slot) {
  const name = el("span", { class: "name", dir: "auto", text: product.name });
  const dots = (product.swatches || []).filter((s) => /^#[0-9a-f]{3,8}$/i.test(s.srgb)).slice(0, 6).map((s) => {
    const dot = el("i", { title: s.name });
    dot.style.background = s.srgb;
    return dot;
  });
  return el("li", { class: "card" },
    opens(product, "look", image(product.image, "", 180) || el("span", { class: "none" }), slot && el("span", { class: "slot", text: slot }), name),
    el("p", {}, price(product)),
    dots.length > 1 && el("p", { class: "dots", "aria-hidden": "true" }, dots, product.more_colors ? `+${product.more_colors}` : ""),
    (product.nearest || product.why) && el("p", { class: "why", dir: "auto" }, product.nearest && el("b", { text: say("nearest") + (product.why ? " · " : "") }), product.why),
    el("div", { class: "acts" }, adder(product),
      button("plain small", say("ask_about"), () => { pin(product.id, product.name); input.focus(); }, { "aria-label": say("ask_about_name", { name: product.name }) })));
}

// "Add"; where there is a choice of sizes they are offered first.
function adder(product) {
  if (!product.in_stock) return el("p", { class: "why", text: say("sold_out") });
  const sizes = (product.sizes || []).filter((s) => s.in_stock).map((s) => s.size);
  const place = el("div", { class: "adder" });
  const first = button("add", say("add"), () => (sizes.length > 1 ? choose() : put(sizes[0])), { "aria-label": say("add_name", { name: product.name }) });
  const choose = () => {
    place.replaceChildren(el("div", { class: "sizes", role: "group", "aria-label": say("size_of", { name: product.name }) },
      sizes.map((size) => button(size === product.your_size ? "size mine" : "size", size, () => put(size)))));
    place.querySelector(".mine, button").focus();
  };
  const put = async (size) => {
    place.replaceChildren(first);
    first.disabled = true;
    try {
      const done = await add(product, size);
      first.textContent = done ? say("added") : say("add");
      if (done) { announce(say("added_name", { name: product.name })); setTimeout(() => { first.textContent = say("add"); }, 2500); }
    } catch (error) { fault(error); }
    first.disabled = false;
    first.focus();
  };
  place.append(first);
  return place;
}

const cards = (items, label, slots) => el("ul", { class: items.length === 1 ? "cards one" : "cards", "aria-label": label },
  items.map((p) => card(p, slots && p.slot && WORDS["slot_" + p.slot] && say("slot_" + p.slot))));
const note = (text) => text && el("p", { class: "quiet", dir: "auto", text });
const row = (...cells) => el("div", { class: "row" }, cells);
const zoomable = (name, alt, width, cls) => {
  const shown = image(name, alt, width);
  return shown && el("button", { type: "button", class: "zoom " + (cls || ""), "aria-label": say("larger", { name: alt }), onclick: () => sheet(alt, el("img", { class: "large", src: picture(name, 960), alt })) }, shown);
};

const DRAW = {
  looked: (e) => Object.keys(e.card || {}).length && el("div", { class: "note" }, el("strong", { text: say("seen") }),
    el("dl", {}, Object.entries(e.card).map(([label, value]) => el("div", {}, el("dt", { text: label }), el("dd", { dir: "auto", text: value }))))),
  products: (e) => [
    e.relaxed?.length && note(say("relaxed")),
    cards(e.items, say("products")),
    e.items.length === 1 && e.items[0].images?.length > 1 && el("div", { class: "strip" }, e.items[0].images.slice(0, 6).map((n, i) => zoomable(n, `${e.items[0].name} ${i + 1}`, 72))),
  ],
  outfit: (e) => e.looks.map((look, n) => el("details", { class: "outfit", open: n === 0 },
    el("summary", {}, el("strong", { dir: "auto", text: look.idea || say("look", { n: n + 1 }) }), el("span", { text: look.total.text })),
    look.board && zoomable(look.board, look.board_alt || look.items.map((i) => i.name).join(", "), 360, "board"),
    look.reasons.length && note(look.reasons.join(" · ")),
    look.own?.length && note(say("own", { names: look.own.map((o) => o.name).join(", ") })),
    look.given_up?.length && note(say("given_up", { what: look.given_up.join(", ") })),
    look.left && note(say("left", { amount: look.left.text })),
    cards(look.items, look.idea || say("look", { n: n + 1 }), true),
    button("add wide", say("add_look"), () => send(say("add_look_say", { n: n + 1 }))))),
  comparison: (e) => [
    el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": say("comparison") }, el("table", {},
      el("thead", {}, el("tr", {}, el("td"), e.items.map((p) => el("th", { scope: "col", class: p.id === e.pick ? "pick" : "" }, opens(p, "look", image(p.image, "", 96), el("span", { class: "name", dir: "auto", text: p.name })))))),
      el("tbody", {}, e.rows.map((r) => el("tr", {}, el("th", { scope: "row", text: r.label }),
        r.values.map((v, n) => el("td", { class: r.best?.includes(n) ? "best" : "", dir: "auto", text: v }))))))),
    note(e.same),
  ],
  cart: (e) => {
    if (!replaying) carted(e, "talk");
    return e.lines.length > 0 && el("div", { class: "note" }, e.lines.map(bought),
      e.total && row(el("strong", { text: say("total") }), el("strong", { text: e.total.text })));
  },
  order: (e) => e.orders.map((o) => el("div", { class: "note" }, row(el("strong", { text: o.number }), el("strong", { text: o.status_text })), o.lines.map(bought),
    note([o.carrier, o.tracking, o.expected].filter(Boolean).join(" · ")))),
  image: (e) => el("figure", {}, el("div", { class: "pair" }, zoomable(e.original, say("original"), 180), zoomable(e.picture, e.label, 180)), el("figcaption", { dir: "auto", text: e.label })),
  answer: (e) => WORDS["source_" + e.source] && note(say("source_" + e.source)),
  policy: (e) => e.passage && el("blockquote", { dir: "auto" }, el("strong", { text: e.title }), prose(e.passage)),
  memory: (e) => e.action === "view" && e.notes.length && el("div", { class: "note" }, e.notes.map((n) => row(el("span", { text: n.label }), el("strong", { dir: "auto", text: n.text })))),
  handoff: () => { if (!replaying) nowSpeaks(); },
  speaker: (e) => { if (!replaying) (e.state === "message" ? nowSpeaks() : heard(e)); return e.text && el("p", { class: "speaker", dir: "auto", text: e.text }); },
  person: (e) => el("div", { class: "person" }, el("b", { dir: "auto", text: e.name || say("person") }), prose(e.text)),
  error: (e) => el("p", { class: "error", dir: "auto", text: e.message }),
};
const bought = (l) => row(el("span", { dir: "auto", text: line(l) }), l.price && el("strong", { text: l.price.text }));
const line = (l) => {
  const form = [l.size, l.color].filter(Boolean).join(", ");
  return `${l.quantity} × ${l.name}` + (form && ` (${form})`);
};
