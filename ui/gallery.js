// The viewer of a product's pictures (gallery.py): thumbnails, zoom, and the full turn. Everything is delegated, since
// the page is drawn anew at every message.
(() => {
  const MOST = 4, STEP = 1.6, WIDEST = 960;
  const of = (node) => node.closest?.(".dg-gallery");
  const turning = (g) => g.classList.contains("dg-turning");
  const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  function parts(g) {
    const stage = g.querySelector(".dg-stage");
    return { stage, picture: stage.querySelector("img"), angle: g.querySelector(".dg-angle"),
      told: g.querySelector(".dg-view-told") };
  }
  function renewed(stage) {  // where a picture could not be had, an empty frame stands (frames.js): the next may come
    const picture = Object.assign(new Image(), { draggable: false, decoding: "async", sizes: "20rem" });
    stage.replaceChildren(picture);
    return picture;
  }

  // -- zoom
  function place(g, scale, x = 0, y = 0) {
    const { stage, picture } = parts(g);
    if (!picture) return;
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
  // What lies under `from` in the window comes to lie under `to`, `scale` times as large.
  function zoom(g, scale, from, to = from, before = at(g)) {
    const box = parts(g).stage.getBoundingClientRect(), mid = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    scale = clamp(scale, 1, MOST);
    const k = scale / before.scale, was = from || mid, is = to || mid;
    place(g, scale, is.x - mid.x - (was.x - mid.x - before.x) * k, is.y - mid.y - (was.y - mid.y - before.y) * k);
  }

  // -- the full turn
  function frames(g) {
    const { stage, angle } = parts(g);
    if (angle.kept) return angle.kept;
    const width = Math.min(WIDEST, Math.ceil(stage.clientWidth * devicePixelRatio));
    const fetched = (frame) => { frame.src ||= `${frame.from}?w=${width}`; };
    angle.kept = angle.dataset.frames.split(" ").map((from) => Object.assign(new Image(), { from }));
    for (const frame of angle.kept) frame.addEventListener("load", () => { if (turning(g)) paint(g); });
    // The front first: where the others have to be drawn, they are when it comes, and no other picture waits for them.
    const rest = () => { for (const frame of angle.kept) fetched(frame); };
    angle.kept[0].addEventListener("load", rest);
    angle.kept[0].addEventListener("error", rest);
    fetched(angle.kept[0]);
    return angle.kept;
  }
  const there = (frame) => frame.complete && frame.naturalWidth > 0;
  function paint(g) {  // the frame that is wanted, once it is there
    const { stage, angle } = parts(g), frame = frames(g)[angle.value - 1], picture = parts(g).picture || renewed(stage);
    g.classList.toggle("dg-waiting", !there(frame));
    if (!there(frame) || picture.src === frame.src) return;
    picture.removeAttribute("srcset");
    picture.decoding = "sync";  // from frame to frame there is never nothing
    picture.src = frame.src;
    picture.alt = `${g.dataset.name}: ${angle.getAttribute("aria-valuetext")}`;
  }
  function turn(g, n) {
    const { angle, told } = parts(g), count = Number(angle.max);
    n = ((n - 1) % count + count) % count + 1;
    angle.value = n;
    const text = angle.dataset.texts.split("|")[n - 1];
    angle.setAttribute("aria-valuetext", text);
    if (!g.showing) told.textContent = text;
    paint(g);
  }
  function touched(g) {
    clearInterval(g.showing);
    g.showing = null;
    g.touched = true;
    g.classList.toggle("dg-touched", turning(g));
  }
  function show(g) {  // a quarter there and back shows that it turns; any touch ends it
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const all = frames(g), quarter = Math.round(all.length / 4);
    g.touched = false;
    Promise.all(all.map((frame) => there(frame) || new Promise((done) => {
      for (const end of ["load", "error"]) frame.addEventListener(end, done);
    }))).then(() => {
      let step = 0;
      if (!turning(g) || g.touched || g.showing) return;
      g.showing = setInterval(() => {
        step += 1;
        turn(g, 1 + (step <= quarter ? step : 2 * quarter - step));
        if (step >= 2 * quarter) { clearInterval(g.showing); g.showing = null; }
      }, 70);
    });
  }

  function choose(button) {
    const g = of(button), { stage, angle, told } = parts(g), turns = "turn" in button.dataset;
    const picture = parts(g).picture || renewed(stage);
    place(g, 1);
    touched(g);
    for (const other of g.querySelectorAll(".dg-view")) other.setAttribute("aria-pressed", String(other === button));
    g.classList.toggle("dg-turning", turns);
    g.classList.remove("dg-touched");
    if (angle) angle.hidden = !turns;
    if (turns) { turn(g, 1); show(g); return; }
    // Until it is there, since a shop may have to draw it first, its thumbnail stands there, or nothing.
    const small = button.classList.contains("dg-there") && button.querySelector("img");
    g.classList.add("dg-waiting");
    stage.style.backgroundImage = small ? `url("${small.src}")` : "";
    picture.srcset = button.dataset.srcset;
    picture.src = picture.dataset.full = button.dataset.view;
    picture.alt = `${g.dataset.name}: ${button.dataset.told}`;
    told.textContent = button.dataset.told;
  }

  function arrived({ type, target }) {
    const g = target.tagName === "IMG" && of(target);
    if (!g) return;
    const stage = target.closest(".dg-stage");
    if (stage) { stage.style.backgroundImage = ""; if (!turning(g)) g.classList.remove("dg-waiting"); }
    else if (type === "load") target.closest(".dg-view")?.classList.add("dg-there");
  }
  document.addEventListener("load", arrived, true);  // which never comes to the window
  addEventListener("error", arrived, true);  // before frames.js takes the picture away
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".dg-view");
    if (button && of(button)) choose(button);
  });
  document.addEventListener("pointerover", (event) => {  // the frames are fetched once someone comes near
    const button = event.target.closest?.(".dg-turn"), g = button && of(button);
    if (g) frames(g);
  });
  document.addEventListener("input", (event) => {
    const g = event.target.matches?.(".dg-angle") && of(event.target);
    if (g) { touched(g); turn(g, Number(event.target.value)); }
  });

  // -- fingers and mouse
  const down = new Map();
  let held = null;
  const point = (event) => ({ x: event.clientX, y: event.clientY });
  function hold(g, moved) {
    const [a, b] = [...down.values()];
    held = { g, x: a.x, y: a.y, from: at(g), n: Number(parts(g).angle?.value || 1), moved, pinch: b && pinch(a, b) };
  }
  const pinch = (a, b) => ({ apart: Math.hypot(a.x - b.x, a.y - b.y) || 1, mid: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } });
  document.addEventListener("pointerdown", (event) => {
    const stage = event.target.closest?.(".dg-stage"), g = stage && of(stage);
    if (!g || event.button > 0) return;
    if (held && held.g !== g) down.clear();
    down.set(event.pointerId, point(event));
    touched(g);
    hold(g, down.size > 1);
    stage.setPointerCapture?.(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!held || !down.has(event.pointerId)) return;
    down.set(event.pointerId, point(event));
    const { g, from } = held, [a, b] = [...down.values()], dx = a.x - held.x, dy = a.y - held.y;
    if (Math.hypot(dx, dy) > 5) held.moved = true;
    if (turning(g)) {
      const { stage, angle } = parts(g);
      turn(g, held.n + Math.round(dx / stage.clientWidth * angle.max));
    } else if (b && held.pinch) {
      const now = pinch(a, b);
      zoom(g, from.scale * now.apart / held.pinch.apart, held.pinch.mid, now.mid, from);
    } else if (from.scale > 1) place(g, from.scale, from.x + dx, from.y + dy);
  });
  const up = (event) => {
    if (!down.delete(event.pointerId) || !held) return;
    const { g, moved } = held;
    if (down.size) { hold(g, true); return; }  // one finger of two is left: it goes on from here
    held = null;
    if (moved || event.type !== "pointerup" || turning(g)) return;
    if (at(g).scale > 1) place(g, 1); else zoom(g, 2.5, point(event));
  };
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", up);
  document.addEventListener("wheel", (event) => {  // a pinch on a touchpad; plain scrolling stays the page's
    const stage = event.target.closest?.(".dg-stage"), g = stage && of(stage);
    if (!g || turning(g) || !event.ctrlKey) return;
    event.preventDefault();
    zoom(g, at(g).scale * Math.exp(-event.deltaY / 120), point(event));
  }, { passive: false });

  // -- keys
  document.addEventListener("keydown", (event) => {
    const g = event.target.matches?.(".dg-stage") && of(event.target);
    if (!g || event.ctrlKey || event.metaKey || event.altKey) return;
    const side = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], now = at(g);
    if (turning(g)) {
      if (!side || !side[0]) return;
      touched(g);
      turn(g, Number(parts(g).angle.value) + side[0]);
    } else if (event.key === "+" || event.key === "=") zoom(g, now.scale * STEP);
    else if (event.key === "-") zoom(g, now.scale / STEP);
    else if (event.key === "Enter") place(g, now.scale > 1 ? 1 : 2.5);
    else if (event.key === "Escape" && now.scale > 1) place(g, 1);
    else if (side && now.scale > 1) place(g, now.scale, now.x - side[0] * 60, now.y - side[1] * 60);
    else return;
    event.preventDefault();
  });
})();
