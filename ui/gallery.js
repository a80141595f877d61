// The viewer of a product's pictures (gallery.py): thumbnails, zoom, and the full turn. Everything is delegated, since
// the page is drawn anew at every message.
(() => {
  const MOST = 4, STEP = 1.6;
  const of = (node) => node.closest?.(".dg-gallery");
  const parts = (g) => ({ stage: g.querySelector(".dg-stage"), picture: g.querySelector(".dg-stage img"),
    angle: g.querySelector(".dg-angle"), told: g.querySelector(".dg-view-told") });
  const turning = (g) => g.classList.contains("dg-turning");
  const frames = (angle) => angle.dataset.frames.split(" ");
  const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

  function place(g, scale, x = 0, y = 0) {
    const { stage, picture } = parts(g);
    scale = clamp(scale, 1, MOST);
    const rx = stage.clientWidth * (scale - 1) / 2, ry = stage.clientHeight * (scale - 1) / 2;
    x = clamp(x, -rx, rx); y = clamp(y, -ry, ry);
    g.at = { scale, x, y };
    picture.style.transform = scale > 1 ? `translate(${x}px, ${y}px) scale(${scale})` : "";
    g.classList.toggle("dg-zoomed", scale > 1);
    // the full-size picture, only now that its threads are looked at
    if (scale > 1 && picture.srcset && !turning(g)) { picture.removeAttribute("srcset"); picture.src = picture.dataset.full; }
  }
  const at = (g) => g.at || { scale: 1, x: 0, y: 0 };
  function zoom(g, factor, event) {
    const { stage } = parts(g), now = at(g), box = stage.getBoundingClientRect();
    const px = event ? event.clientX - box.left - box.width / 2 : 0, py = event ? event.clientY - box.top - box.height / 2 : 0;
    const scale = clamp(now.scale * factor, 1, MOST), k = scale / now.scale;
    place(g, scale, px - (px - now.x) * k, py - (py - now.y) * k);
  }

  function load(angle) {
    if (angle.kept) return angle.kept;
    angle.kept = frames(angle).map((address) => Object.assign(new Image(), { src: address }));
    return angle.kept;
  }
  function turn(g, n) {
    const { angle, picture, told } = parts(g), all = frames(angle), count = all.length;
    n = ((n - 1) % count + count) % count + 1;
    load(angle);
    angle.value = n;
    const text = angle.dataset.texts.split("|")[n - 1];
    angle.setAttribute("aria-valuetext", text);
    picture.removeAttribute("srcset");
    picture.src = all[n - 1];
    picture.alt = `${g.dataset.name}: ${text}`;
    told.textContent = text;
  }
  function choose(button) {
    const g = of(button), { picture, angle, told } = parts(g);
    place(g, 1);
    clearInterval(g.showing);
    for (const other of g.querySelectorAll(".dg-view")) other.setAttribute("aria-pressed", String(other === button));
    const turns = "turn" in button.dataset;
    g.classList.toggle("dg-turning", turns);
    if (angle) angle.hidden = !turns;
    if (!turns) {
      picture.srcset = button.dataset.srcset;
      picture.src = picture.dataset.full = button.dataset.view;
      picture.alt = `${g.dataset.name}: ${button.dataset.told}`;
      told.textContent = button.dataset.told;
      return;
    }
    turn(g, 1);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // a quarter there and back shows that it turns; any touch ends it
    Promise.all(load(angle).map((frame) => frame.decode().catch(() => {}))).then(() => {
      const quarter = Math.round(angle.kept.length / 4);
      let step = 0;
      if (!turning(g) || g.touched) return;
      g.showing = setInterval(() => {
        step += 1;
        turn(g, 1 + (step <= quarter ? step : 2 * quarter - step));
        if (step >= 2 * quarter) clearInterval(g.showing);
      }, 70);
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".dg-view");
    if (button && of(button)) choose(button);
  });
  document.addEventListener("pointerover", (event) => {  // the frames are fetched once someone comes near
    const button = event.target.closest?.(".dg-turn"), g = button && of(button);
    if (g) load(parts(g).angle);
  });
  document.addEventListener("input", (event) => {
    const g = event.target.matches?.(".dg-angle") && of(event.target);
    if (g) { g.touched = true; clearInterval(g.showing); turn(g, Number(event.target.value)); }
  });

  const down = new Map();
  let held = null;
  document.addEventListener("pointerdown", (event) => {
    const stage = event.target.closest?.(".dg-stage"), g = stage && of(stage);
    if (!g || event.button > 0) return;
    down.set(event.pointerId, event);
    g.touched = true;
    clearInterval(g.showing);
    held = { g, x: event.clientX, y: event.clientY, from: at(g), n: Number(parts(g).angle?.value || 1), moved: false };
    if (down.size === 2) { const [a, b] = [...down.values()]; held.apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY); }
    stage.setPointerCapture?.(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!held || !down.has(event.pointerId)) return;
    down.set(event.pointerId, event);
    const { g, from } = held, dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (Math.hypot(dx, dy) > 5) held.moved = true;
    if (down.size === 2 && held.apart && !turning(g)) {
      const [a, b] = [...down.values()];
      held.moved = true;
      place(g, from.scale * Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) / held.apart, from.x, from.y);
    } else if (turning(g)) {
      const { stage, angle } = parts(g);
      turn(g, held.n + Math.round(dx / stage.clientWidth * angle.max));
    } else if (from.scale > 1) place(g, from.scale, from.x + dx, from.y + dy);
  });
  const up = (event) => {
    down.delete(event.pointerId);
    if (held && !down.size) {
      if (!held.moved && event.type === "pointerup" && !turning(held.g)) {
        if (at(held.g).scale > 1) place(held.g, 1); else zoom(held.g, 2.5, event);
      }
      held = null;
    }
  };
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", up);
  document.addEventListener("wheel", (event) => {  // a pinch on a touchpad; plain scrolling stays the page's
    const stage = event.target.closest?.(".dg-stage"), g = stage && of(stage);
    if (!g || turning(g) || !event.ctrlKey) return;
    event.preventDefault();
    zoom(g, Math.exp(-event.deltaY / 120), event);
  }, { passive: false });
  document.addEventListener("keydown", (event) => {
    const g = event.target.matches?.(".dg-stage") && of(event.target);
    if (!g || event.ctrlKey || event.metaKey || event.altKey) return;
    const side = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], now = at(g);
    if (turning(g)) {
      if (!side || !side[0]) return;
      g.touched = true;
      clearInterval(g.showing);
      turn(g, Number(parts(g).angle.value) + side[0]);
    } else if (event.key === "+" || event.key === "=") zoom(g, STEP);
    else if (event.key === "-") zoom(g, 1 / STEP);
    else if (event.key === "Enter") place(g, now.scale > 1 ? 1 : 2.5);
    else if (event.key === "Escape" && now.scale > 1) place(g, 1);
    else if (side && now.scale > 1) place(g, now.scale, now.x - side[0] * 60, now.y - side[1] * 60);
    else return;
    event.preventDefault();
  });
})();
