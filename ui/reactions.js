// The heart and the thumb of a card (reactions.py): shown at once on every card of the product, sent one after another,
// and taken back, saying so, where the shop could not keep them.
(() => {
  const kept = new Map(), sending = new Map();
  const groups = (product) => [...document.querySelectorAll(".dg-react")].filter((g) => g.dataset.product === product);
  function show(product, said) {
    for (const group of groups(product)) {
      group.dataset.said = said;
      for (const button of group.querySelectorAll("[aria-pressed]"))
        button.setAttribute("aria-pressed", String(button.dataset.react === said));
    }
  }
  async function send(product, value) {
    const session = new URLSearchParams(location.search).get("s") || "";
    const answer = await fetch("reactions", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session, product, value }) });
    if (!answer.ok) throw new Error(String(answer.status));
  }
  function tell(text) {  // said once, aloud too, and gone after a while
    const told = document.querySelector(".dg-toast") || document.body.appendChild(document.createElement("div"));
    told.className = "dg-toast";
    told.setAttribute("role", "alert");
    told.textContent = text;
    clearTimeout(told.timer);
    told.timer = setTimeout(() => { told.textContent = ""; }, 6000);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-react]"), group = button?.closest(".dg-react");
    if (!group) return;
    const { product, said } = group.dataset, wish = button.dataset.react;
    const value = wish === said ? "none" : wish;
    if (!kept.has(product)) kept.set(product, said);
    show(product, value);
    // Undo is gone once it has been pressed: the focus goes to the thumb that it took back.
    if (wish === "none") group.querySelector(".dg-dislike")?.focus();
    const turn = (sending.get(product) || Promise.resolve()).then(() => send(product, value)).then(
      () => { kept.set(product, value); },
      () => { if (sending.get(product) === turn) { show(product, kept.get(product)); tell(group.dataset.failed); } },
    );
    sending.set(product, turn);
  });
})();
