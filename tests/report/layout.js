// Evaluates to a list of what is wrong with the page as it is drawn now: what leaves the window sideways, text that lies
// on other text, cells that are too narrow for what they hold.
(() => {
  const problems = [];
  const say = (what, element) => problems.push(`${what}: <${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${element.textContent.trim().slice(0, 40)}`);
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) problems.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);

  const scrolls = (element) => element.closest(".scroll") !== null;
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && !scrolls(element) && (box.right > width + 1 || box.left < -1)) say("leaves the window", element);
  }
  for (const cell of document.querySelectorAll("th, td, dd, dt, li, figcaption, h1, h2, p, button"))
    if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== "inline") say("is cut", cell);

  // Boxes of all text in a container; boxes of one owner (a cell, an SVG text) may touch each other.
  const boxes = (container, owners) =>
    [...container.querySelectorAll(owners)].flatMap((owner) => {
      const walker = document.createTreeWalker(owner, NodeFilter.SHOW_TEXT), found = [];
      while (walker.nextNode()) {
        if (!walker.currentNode.data.trim() || walker.currentNode.parentElement.closest("title")) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const box of range.getClientRects()) {
          let right = box.right;
          if (owner.hasAttribute("clip-path")) {
            const clip = document.querySelector(owner.getAttribute("clip-path").slice(4, -1) + " rect");
            const place = owner.getScreenCTM();
            right = Math.min(right, place.e + place.a * (clip.x.baseVal.value + clip.width.baseVal.value));
          }
          if (right > box.left) found.push({ owner, left: box.left, right, top: box.top, bottom: box.bottom });
        }
      }
      return found;
    });
  const check = (all) => {
    all.sort((a, b) => a.top - b.top);
    for (let i = 0; i < all.length; ++i)
      for (let j = i + 1; j < all.length && all[j].top < all[i].bottom - 2; ++j) {
        const [a, b] = [all[i], all[j]];
        if (a.owner !== b.owner && !a.owner.contains(b.owner) && !b.owner.contains(a.owner) && a.left < b.right - 1 && b.left < a.right - 1) say(`lies on "${b.owner.textContent.slice(0, 30)}"`, a.owner);
      }
    return all.length;
  };
  const texts = check(boxes(document.querySelector(".flow"), "text")) + check(boxes(document.body, "#layers th, #layers td, dt, dd, h1, h2, p, li, label, button, output, figcaption"));
  if (texts < 20) problems.push(`only ${texts} pieces of text were found`);
  return problems.slice(0, 20);
})();
