// What can be seen of a page only in a browser. Put into it through the debugger, so the page's own policy stays whole.
// Each of these returns a list of faults, in words.
window.gates = (() => {
  const HELP = "tel:1877-3592";
  const CONTRAST = { "color-contrast": { enabled: false }, "color-contrast-enhanced": { enabled: true } };
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const named = (element) => `<${element.tagName.toLowerCase()}> ${plain(element.innerText || element.name || "").slice(0, 40)}`;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden, .skip-link, noscript");
  const everything = () => [...document.body.querySelectorAll("*")].filter(shown);
  const ownText = (element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");

  function head() {
    const faults = [];
    const h1 = [...document.querySelectorAll("h1")];
    if (h1.length !== 1) faults.push(`${h1.length} h1`);
    const words = h1[0] ? plain(h1[0].innerText) : "";
    if (!plain(document.title).includes(words)) faults.push(`title "${document.title}" without "${words}"`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id ${id} twice`);
    if (![...document.querySelectorAll(`a[href="${HELP}"]`)].some(shown)) faults.push("no help number");
    return faults;
  }

  function forms() {
    const faults = [];
    for (const form of document.forms) {
      const method = (form.getAttribute("method") || "").toLowerCase();
      const name = form.getAttribute("action");
      const token = form.querySelector("[name=csrfmiddlewaretoken]");
      if (!method) faults.push(`form without method: ${named(form)}`);
      if (method === "dialog") continue;
      // A search asks its own page again; what is done says where.
      if (method === "post" && !form.getAttribute("action")) faults.push(`form without action: ${named(form)}`);
      if (method === "get" && token) faults.push(`form that shows its CSRF token: ${name}`);
    }
    return faults;
  }

  // Addresses that forms post to without a CSRF token.
  function bare() {
    const open = [...document.forms].filter((form) => form.method === "post" && !form.querySelector("[name=csrfmiddlewaretoken]"));
    return open.map((form) => form.getAttribute("action") || location.href);
  }

  // A picture says its size before it is there, so nothing jumps; what is not on the first screen waits.
  function pictures() {
    const faults = [];
    let bytes = 0;
    for (const image of document.images) {
      const name = `<img ${(image.getAttribute("src") || "").slice(0, 60)}>`;
      for (const needed of ["width", "height", "alt"]) if (!image.hasAttribute(needed)) faults.push(`${name} without ${needed}`);
      if (!shown(image) || image.src.startsWith("data:")) continue;
      if (image.getBoundingClientRect().top + window.scrollY < window.innerHeight) {
        const [loaded] = performance.getEntriesByName(image.currentSrc);
        bytes += loaded ? loaded.encodedBodySize : 0;
      } else if (image.loading !== "lazy") faults.push(`not lazy: ${name}`);
    }
    if (bytes > 60_000) faults.push(`${bytes} bytes of pictures on the first screen`);
    return faults;
  }

  // Sizes in CSS pixels; a link within a sentence may be as high as its line (WCAG 2.5.8), a box counts with its label.
  function sizes() {
    const faults = [];
    for (const element of everything()) {
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      if ((ownText(element) || element.matches("input, select, textarea")) && size < 18) faults.push(`text ${style.fontSize}: ${named(element)}`);
      if (element.matches(".value, .amount, .revealed") && size < 28) faults.push(`key number ${style.fontSize}: ${named(element)}`);
      if (!element.matches("a[href], button, input, select, textarea, summary")) continue;
      const sentence = element.parentElement.closest("p, li, pre, dd");
      if (element.matches("a") && style.display === "inline" && sentence && plain(sentence.innerText) !== plain(element.innerText)) continue;
      const target = (element.matches("[type=radio], [type=checkbox]") && element.closest("label")) || element;
      const box = target.getBoundingClientRect();
      if (box.width < 47.9 || box.height < 47.9) faults.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${named(element)}`);
      if (element.matches(".btn-main") && box.height < 55.9) faults.push(`main action ${Math.round(box.height)} high: ${named(element)}`);
    }
    return faults;
  }

  // Nothing leaves the screen or its box, is cut off, or is squeezed to a letter a line. `label` begins each fault.
  function fit(label) {
    const faults = [];
    const page = document.documentElement;
    for (const element of everything()) {
      const style = getComputedStyle(element);
      const overX = element.scrollWidth > element.clientWidth + 1;
      const overY = element.scrollHeight > element.clientHeight + 1;
      const hides = (overflow) => ["hidden", "clip"].includes(overflow);
      // An excerpt of some lines may end in the middle of a sentence where a press shows all of it.
      const excerpt = style.webkitLineClamp !== "none" && element.closest("a[href]");
      if (element !== document.body && !excerpt && ((hides(style.overflowX) && overX) || (hides(style.overflowY) && overY))) faults.push(`cut off: ${named(element)}`);
      const text = ownText(element);
      const box = element.getBoundingClientRect();
      if (!text || box.width <= 2 || element.matches("option, select, textarea")) continue;
      const size = parseFloat(style.fontSize);
      if (text.length > 3 && box.width < 2.4 * size && box.height > 3 * size) faults.push(`squeezed: ${element.outerHTML.slice(0, 120)}`);
      if (style.display !== "inline" && style.overflowX === "visible" && overX) faults.push(`spills: ${element.outerHTML.slice(0, 120)}`);
    }
    if (page.scrollWidth > page.clientWidth) {
      const wide = everything().filter((element) => element.getBoundingClientRect().right > page.clientWidth + 1);
      faults.push(`${page.scrollWidth - page.clientWidth} px sideways, ${wide.slice(-1).map((element) => element.outerHTML.slice(0, 120))}`);
    }
    return faults.map((fault) => `${label}: ${fault}`);
  }

  // Where the focus is: whether a ring is seen there, and whether something lies over it. null: nowhere.
  function focus() {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const style = getComputedStyle(here);
    const box = here.getBoundingClientRect();
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 40));
    const label = here.closest("label");
    const faults = [];
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push(`no focus ring: ${named(here)}`);
    if (!over || !(here.contains(over) || over.contains(here) || (label && label.contains(over)))) faults.push(`hidden focus: ${named(here)}`);
    if (here.tabIndex > 0) faults.push(`tabindex ${here.tabIndex}: ${named(here)}`);
    return faults;
  }

  // What axe knows, with AAA contrast (ux.md asks 7:1) in the place of AA's, which asks less. In the other theme only the
  // colours differ: `rules` names what looks at them.
  async function axeFinds(label, rules) {
    const only = rules && { runOnly: { type: "rule", values: rules } };
    const options = { rules: CONTRAST, resultTypes: ["violations"], selectors: false, ...only };
    const { violations } = await window.axe.run(document, options);
    const where = (nodes) => nodes.map((node) => node.html.slice(0, 160)).join(" | ");
    return violations.map((each) => `${label}${each.id} (${each.impact}): ${where(each.nodes)}`);
  }

  const light = async () => [...head(), ...forms(), ...pictures(), ...sizes(), ...fit("360 px"), ...(await axeFinds(""))];
  const dark = () => axeFinds("dark ", ["color-contrast-enhanced", "link-in-text-block"]);

  // Every file of style or script the page asked for, modules that modules import included.
  const files = () => performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => /\.(css|js)$/.test(new URL(name).pathname));

  function large() {
    document.documentElement.style.fontSize = "200%";
    return fit("200 % text");
  }

  function unfold() {
    for (const details of document.querySelectorAll("details")) details.open = true;
  }

  return { bare, light, dark, files, focus, large, unfold };
})();
