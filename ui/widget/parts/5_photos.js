// Photos: chosen, taken, pasted or dropped; no larger than they are looked at.
let photos = [];

async function attach(list) {
  for (const file of [...list]) {
    if (!file.type.startsWith("image/") && !/\.(heic|heif|avif)$/i.test(file.name)) { status.textContent = say("not_image", { name: file.name }); continue; }
    if (photos.length >= (about.max_photos || 6)) { status.textContent = say("enough_photos", { count: about.max_photos || 6 }); break; }
    const photo = await lighter(file);
    const name = file.name || say("your_photo");
    const item = el("span", {}, el("img", { src: URL.createObjectURL(photo), alt: name, onerror: (e) => e.target.replaceWith(el("b", { text: name })) }),
      button("drop", "", () => { photos = photos.filter((p) => p !== photo); item.remove(); input.focus(); }, { "aria-label": say("remove", { name }) }));
    item.lastChild.append(icon("close"));
    photos.push(photo);
    tray.append(item);
    announce(say("photo_ready", { name }));
  }
  files.value = shot.value = "";
  arrive();
}

// As JPEG of at most 1600 pixels, without what a camera writes into it; what the browser cannot open goes as it is.
async function lighter(file) {
  try {
    const bitmap = await createImageBitmap(file);
    return await drawn(bitmap, bitmap.width, bitmap.height);
  } catch { return file; }
}
async function drawn(source, width, height) {
  const scale = Math.min(1, 1600 / Math.max(width, height));
  const canvas = el("canvas", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // behind what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  if (!blob) throw new Error("no picture");
  return blob;
}

// A phone has its own camera; a computer's is shown here.
async function takePhoto() {
  if (touch.matches) return shot.click();
  let stream;
  try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1600 } } }); } catch { status.textContent = say("no_camera"); return; }
  const video = el("video", { autoplay: true, muted: true, playsInline: true, srcObject: stream });
  const made = sheet(say("camera"), video, button("add wide", say("shutter"), async () => {
    const photo = await drawn(video, video.videoWidth, video.videoHeight).catch(() => null);
    made.close();
    if (photo) attach([new File([photo], say("photo_taken") + ".jpg", { type: "image/jpeg" })]);
  }));
  made.addEventListener("close", () => stream.getTracks().forEach((track) => track.stop()));
  made.querySelector(".wide").focus();
}
