// The window over the page in which a product's pictures or a look's board stand large (viewer.py). What is in it comes
// from the server once it is asked for; gallery.js brings it to life.
(() => {
  let shown = null;
  function frame() {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dg-window" });
    dialog.addEventListener("click", (event) => {  // beside it, or on its cross
      if (event.target === dialog || event.target.closest?.(".dg-shut")) dialog.close();
    });
    dialog.addEventListener("close", () => dialog.remove());  // the focus goes back to what opened it
    return document.body.appendChild(dialog);
  }
  async function open(button) {
    const dialog = shown = frame();
    dialog.setAttribute("aria-label", button.getAttribute("aria-label"));
    dialog.innerHTML = '<div class="dg-window-wait" aria-hidden="true"></div>';
    dialog.showModal();
    let html = "";
    try {
      const answer = await fetch(button.dataset.viewer);
      if (answer.ok) html = await answer.text();
    } catch { /* said below */ }
    if (shown !== dialog || !dialog.open) return;
    if (!html) {
      const told = Object.assign(document.createElement("p"), { className: "dg-told-of", textContent: button.dataset.failed });
      told.setAttribute("role", "alert");
      dialog.replaceChildren(told);
      return;
    }
    dialog.innerHTML = html;
    offer(dialog);
    if (button.dataset.product) looked(button.dataset.product);
    dialog.querySelector(".dg-shut")?.focus();
  }

  function looked(product) {  // a taste is also what somebody looks at closely; a shop that cannot keep it loses nothing
    const session = new URLSearchParams(location.search).get("s") || "";
    fetch("reactions", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session, product, value: "view" }) }).catch(() => {});
  }

  // -- a board on its way to somebody
  const can = () => { try { return navigator.canShare?.({ files: [new File([""], "a.png", { type: "image/png" })] }); } catch { return false; } };
  function offer(root) {
    if (can()) for (const button of root.querySelectorAll?.(".dg-share[hidden]") || []) button.hidden = false;
  }
  async function share(button) {
    try {
      const picture = await (await fetch(button.dataset.share)).blob();
      await navigator.share({ files: [new File([picture], button.dataset.file, { type: picture.type || "image/png" })] });
    } catch { /* who thinks better of it, or a browser that may not: there is the link to keep it */ }
  }
  new MutationObserver((all) => { for (const { addedNodes } of all) for (const node of addedNodes) if (node.nodeType === 1) offer(node); })
    .observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("load", ({ target }) => {  // a board that is there needs its skeleton no more
    if (target.tagName === "IMG") target.closest(".dg-board-pic")?.classList.add("dg-there");
  }, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".dg-open, .dg-share");
    if (button) (button.matches(".dg-open") ? open : share)(button);
  });
})();
