// The frame in which a picture is moved and enlarged: by thumb, two fingers, wheel, keys or the slider. What it shows is
// what `crop` says, in fractions of the picture.

const MOST = 4; // times enlarged,
const FEWEST = 320; // px of the picture that stay in the frame: with fewer it looks blurred
const STEP = 0.05; // of the frame, for an arrow key
const WIDTH = 1000; // px of the frame's own pixels, as large as what is sent

export class Frame {
  #canvas;
  #slider;
  #picture = null;
  #zoom = 1;
  #most = MOST;
  #middle = { x: 0.5, y: 0.5 };
  #fingers = new Map();

  constructor(canvas, slider) {
    this.#canvas = canvas;
    this.#slider = slider;
    slider.addEventListener("input", () => this.#enlarge(Number(slider.value)));
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
    }
    // A flick would go on gliding, and the browser would take the next tap for the end of that.
    canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  // Show `picture` (a canvas) in a frame of `ratio`, width to height; its own ratio when that is null.
  show(picture, ratio) {
    this.#picture = picture;
    this.#canvas.width = WIDTH;
    this.#canvas.height = Math.round(WIDTH / (ratio ?? picture.width / picture.height));
    this.#middle = { x: 0.5, y: 0.5 };
    this.#zoom = 1;
    this.#most = Math.max(1, Math.min(MOST, (this.#part.w * picture.width) / FEWEST));
    this.#slider.max = this.#most;
    this.#slider.disabled = this.#most === 1;
    this.#enlarge(1);
  }

  // {x, y, w, h} of what is shown, in fractions of the picture from its top left corner.
  get crop() {
    const { w, h } = this.#part;
    return { x: this.#middle.x - w / 2, y: this.#middle.y - h / 2, w, h };
  }

  set light(percent) {
    this.#canvas.style.filter = percent ? `brightness(${1 + percent / 100})` : "";
  }

  get #part() {
    const { width, height } = this.#picture;
    const ratio = this.#canvas.width / this.#canvas.height;
    const across = Math.min(width, height * ratio);
    return { w: across / width / this.#zoom, h: across / ratio / height / this.#zoom };
  }

  #enlarge(zoom) {
    this.#zoom = Math.min(this.#most, Math.max(1, zoom));
    this.#slider.value = this.#zoom;
    this.#shift(0, 0);
  }

  // Move the picture under the frame, in fractions of the frame.
  #shift(x, y) {
    const { w, h } = this.#part;
    const kept = (middle, by, size) => Math.min(1 - size / 2, Math.max(size / 2, middle - by * size));
    this.#middle = { x: kept(this.#middle.x, x, w), y: kept(this.#middle.y, y, h) };
    this.#draw();
  }

  #draw() {
    const { x, y, w, h } = this.crop;
    const { width, height } = this.#picture;
    const pen = this.#canvas.getContext("2d", { alpha: false });
    pen.imageSmoothingQuality = "high";
    pen.drawImage(
      this.#picture,
      x * width, y * height, w * width, h * height,
      0, 0, this.#canvas.width, this.#canvas.height,
    );
  }

  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before || !this.#picture) return;
    const now = { x: event.clientX, y: event.clientY };
    const apart = this.#apart();
    this.#fingers.set(event.pointerId, now);
    const shown = this.#canvas.getBoundingClientRect();
    const part = 1 / this.#fingers.size;
    if (apart) this.#enlarge((this.#zoom * this.#apart()) / apart);
    this.#shift(((now.x - before.x) * part) / shown.width, ((now.y - before.y) * part) / shown.height);
  }

  #apart() {
    if (this.#fingers.size !== 2) return 0;
    const [one, other] = this.#fingers.values();
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  #wheel(event) {
    if (!this.#picture || !event.ctrlKey) return; // a plain wheel scrolls the page; a trackpad's pinch says ctrl
    event.preventDefault();
    this.#enlarge(this.#zoom * Math.exp(-event.deltaY / 200));
  }

  #key(event) {
    const moves = {
      ArrowLeft: () => this.#shift(-STEP, 0),
      ArrowRight: () => this.#shift(STEP, 0),
      ArrowUp: () => this.#shift(0, -STEP),
      ArrowDown: () => this.#shift(0, STEP),
      "+": () => this.#enlarge(this.#zoom * 1.1),
      "=": () => this.#enlarge(this.#zoom * 1.1),
      "-": () => this.#enlarge(this.#zoom / 1.1),
    };
    if (!moves[event.key] || !this.#picture || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  }
}
