// The empty frame of a picture that the browser could not load; one that only decorates goes.
document.addEventListener("error", ({ target: picture }) => {
  if (picture.tagName !== "IMG" || !/\bpictures\//.test(picture.getAttribute("src") || "")) return;
  if (!picture.alt) return picture.remove();
  const board = picture.closest(".dg-board");  // of a look that shows its pieces, too: better none than an empty one
  if (board) return board.remove();
  const empty = document.createElement("div");
  empty.className = "dg-nopic " + picture.className;
  empty.setAttribute("role", "img");
  empty.setAttribute("aria-label", picture.alt);
  picture.replaceWith(empty);
}, true);
