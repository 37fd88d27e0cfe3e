// A chosen file as something to look at and to send: upright, and small enough for a phone's line.

const LONGEST = 2000; // px; twice what is ever sent, so that half of it is still sharp
const SMALL_ENOUGH = 1_500_000; // bytes
const SENT_AS_IT_IS = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const QUALITY = 0.9;
const DECODED_AT_ONCE = 50_000_000; // px; a larger picture is decoded by the <img>, which needs less memory

// {canvas, body}: the picture to look at (null when this browser cannot open it) and the file or blob to upload.
// What cannot be opened here goes up as it is: the server may know it, or says what it is.
export async function sourceOf(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = await opened(address);
    const canvas = await drawn(file, image);
    const shrunk = canvas.width < image.naturalWidth || file.size > SMALL_ENOUGH || !SENT_AS_IT_IS.includes(file.type);
    const blob = shrunk && file.type !== "image/gif" ? await encoded(canvas) : null;
    return { canvas, body: blob && blob.size < file.size * 2 ? blob : file };
  } catch {
    return { canvas: null, body: file };
  } finally {
    URL.revokeObjectURL(address);
  }
}

function opened(address) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = address;
  });
}

// The browser turns the picture upright in both ways; naturalWidth is of the upright picture.
async function drawn(file, image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "#fff"; // what is see-through becomes white, as on the server
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  const bitmap = width * height <= DECODED_AT_ONCE ? await createImageBitmap(file).catch(() => null) : null;
  pen.drawImage(bitmap ?? image, 0, 0, canvas.width, canvas.height);
  bitmap?.close();
  return canvas;
}

function encoded(canvas) {
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", QUALITY);
  });
}
