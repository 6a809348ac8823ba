/* What a browser adds to the report.  The page reads without it: every control is made here, so where scripts do not
   run, none stands there dead.  Words come translated from the script's own data attributes.  What comes from data is
   only ever handled as text, never as HTML. */
"use strict";

(() => {
  const words = document.currentScript.dataset;
  const language = document.documentElement.lang;
  const collator = new Intl.Collator(language, { numeric: true });
  const decimalMark = new Intl.NumberFormat(language).formatToParts(0.5).find((part) => part.type === "decimal").value;
  const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?%?$/;
  const FORMULA = /^[=+\-@]/; // a spreadsheet runs text that begins so
  const SEARCHED_ROWS = 9; // fewer are overlooked at a glance
  const PICTURE_WIDTH = 1600; // pixels

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const plain = (text) => text.replace(/\s+/g, " ").trim();

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  /* ---- Contents: the section in view is marked ---- */

  function followReader() {
    const links = all("nav a[href^='#']");
    const sections = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);
    if (!sections.length) return;
    const [list] = all("nav.contents");
    const place = make("span", { className: "place" });
    all(".contents-small summary").forEach((summary) => summary.append(place));

    const mark = () => {
      const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
      const atEnd = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 2;
      const begun = sections.filter((section) => section.getBoundingClientRect().top <= window.innerHeight / 3);
      const current = (atEnd ? sections : begun).slice(-1)[0];
      place.textContent = "";
      links.forEach((link) => {
        if (!current || link.hash !== `#${current.id}`) {
          link.removeAttribute("aria-current");
          return;
        }
        place.textContent = link.textContent;
        if (link.hasAttribute("aria-current")) return;
        link.setAttribute("aria-current", "true");
        if (list.contains(link)) keepInView(list, link);
      });
    };
    let waiting = false;
    const later = () => {
      if (!waiting) requestAnimationFrame(() => { waiting = false; mark(); });
      waiting = true;
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    mark();

    all(".contents-small").forEach((small) => small.addEventListener("click", (event) => {
      if (event.target.closest("a")) small.querySelector("details").open = false;
    }));
  }

  function keepInView(list, link) {
    const [frame, item] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
    if (item.top < frame.top) list.scrollTop -= frame.top - item.top;
    if (item.bottom > frame.bottom) list.scrollTop += item.bottom - frame.bottom;
  }

  /* ---- Charts and tables: a box takes the focus only where there is something to scroll ---- */

  function focusWhatScrolls(boxes) {
    const names = new Map(boxes.map((box) => [box, box.getAttribute("aria-labelledby")]));
    const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => {
      const box = target.closest(".scroll");
      const scrolls = box.scrollWidth > box.clientWidth;
      const wanted = { tabindex: "0", role: "region", "aria-labelledby": names.get(box) };
      Object.entries(wanted).forEach(([name, value]) => {
        if (scrolls) box.setAttribute(name, value);
        else box.removeAttribute(name);
      });
    }));
    boxes.forEach((box) => [box, ...box.children].forEach((element) => observer.observe(element)));
  }

  /* ---- Tables: sorted by a click on a heading, by unrounded values; a third click restores the order ---- */

  const isMissing = (cell) => cell.dataset.value === "";

  function comparison(kind, column, order) {
    const turn = order === "descending" ? -1 : 1;
    const key = (cell) => cell.dataset.value || plain(cell.textContent);
    const compare = kind === "number" ? (a, b) => key(a) - key(b) : (a, b) => collator.compare(key(a), key(b));
    return (rowA, rowB) => {
      const [a, b] = [rowA.cells[column], rowB.cells[column]];
      if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b); // last, whichever way
      return turn * compare(a, b);
    };
  }

  function makeSortable(table) {
    const [body] = table.tBodies;
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const stays = (row) => row.classList.contains("apart");

    const arrange = (compare) => {
      const sorted = rows.filter((row) => !stays(row));
      if (compare) sorted.sort(compare);
      body.append(...rows.map((row) => (stays(row) ? row : sorted.shift())));
    };
    heads.forEach((head, column) => {
      const kind = head.dataset.sort;
      if (!kind) return;
      const orders = kind === "number" ? ["descending", "ascending"] : ["ascending", "descending"];
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const order = orders[orders.indexOf(head.getAttribute("aria-sort")) + 1];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (order) head.setAttribute("aria-sort", order);
        arrange(order && comparison(kind, column, order));
      });
    });
  }

  /* ---- Tables: a field that leaves the rows that hold what is typed ---- */

  function makeSearchable(block, table) {
    const rows = [...table.tBodies[0].rows];
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const said = make("output", {});
    const fold = (text) => plain(text).toLocaleLowerCase(language);
    const search = () => {
      const wanted = fold(field.value);
      const found = rows.filter((row) => {
        const fits = [...row.cells].some((cell) => fold(cell.textContent).includes(wanted));
        row.classList.toggle("left-out", !fits);
        return fits;
      });
      const count = words.found.replace("{shown}", found.length).replace("{count}", rows.length);
      said.textContent = wanted && count;
    };
    field.addEventListener("input", search);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      field.value = "";
      search();
    });
    field.setAttribute("aria-describedby", table.caption.id);
    block.prepend(make("p", { className: "find screen" }, make("label", {}, words.search, " ", field), " ", said));
  }

  /* ---- Copies: a table as cells, a figure as a picture ---- */

  function addTools(block, title, buttons) {
    const tools = block.querySelector(".tools") || block.appendChild(make("p", { className: "tools screen" }));
    const said = make("output", {});
    buttons.forEach(([word, act]) => {
      const button = make("button", { type: "button" }, word);
      button.setAttribute("aria-describedby", title.id);
      button.addEventListener("click", async () => {
        said.textContent = "";
        try {
          said.textContent = (await act()) || "";
        } catch (error) {
          if (error.name !== "NotAllowedError") throw error;
          said.textContent = words.refused;
        }
      });
      tools.append(" ", button);
    });
    tools.append(" ", said);
  }

  const canCopy = Boolean(navigator.clipboard && window.ClipboardItem);

  async function copy(contents) {
    await navigator.clipboard.write([new ClipboardItem(contents)]);
    return words.copied;
  }

  function cellText(cell) {
    const exact = cell.dataset.value;
    if (exact !== undefined) return NUMBER.test(exact) ? exact.replace(".", decimalMark) : exact;
    const text = plain(cell.textContent);
    return FORMULA.test(text) ? `'${text}` : text;
  }

  function copyTable(table) {
    const rows = all("tr:not(.left-out)", table);
    const lines = rows.map((row) => [...row.cells].map(cellText));
    const rowOf = (line) => make("tr", {}, ...line.map((text) => make("td", {}, text)));
    const cells = make("table", {}, ...lines.map(rowOf));
    const blob = (text, type) => new Blob([text], { type });
    return copy({
      "text/plain": blob(lines.map((line) => line.join("\t")).join("\n"), "text/plain"),
      "text/html": blob(cells.outerHTML, "text/html"),
    });
  }

  /* The drawing becomes an image of its own that takes the page's typeface along; caption and source go round it. */
  async function picture(figure) {
    const svg = figure.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    const scale = PICTURE_WIDTH / width;
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(standingAlone(svg, PICTURE_WIDTH, height * scale))}`;
    await image.decode();

    const pen = make("canvas", {}).getContext("2d");
    const family = getComputedStyle(figure).fontFamily;
    const colour = (selector) => getComputedStyle(figure.querySelector(selector)).color;
    const text = (selector, within = figure) => plain(within?.querySelector(selector)?.textContent ?? "");
    const headline = text(".headline", figure.closest("section")); // stands for a chart's title, which is then left out
    const above = [
      [text("figcaption b") || headline, `600 ${9.5 * scale}px ${family}`, colour("figcaption")],
      [text(".subtitle"), `400 ${8.5 * scale}px ${family}`, colour(".source")],
    ];
    const source = plain(figure.querySelector(".source").firstChild.data);
    const below = [[source, `400 ${8 * scale}px ${family}`, colour(".source")]];
    const [margin, step] = [8 * scale, 12 * scale];
    const broken = (written) => written.flatMap(([sentence, font, ink]) =>
      linesOf(pen, sentence, font, PICTURE_WIDTH).map((line) => [line, font, ink]));
    const [head, foot] = [broken(above), broken(below)];
    const top = margin + head.length * step;
    pen.canvas.width = PICTURE_WIDTH + 2 * margin;
    pen.canvas.height = top + height * scale + foot.length * step + 2 * margin;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
    pen.drawImage(image, margin, top, PICTURE_WIDTH, height * scale);
    const write = (lines, y) => lines.forEach(([line, font, ink], number) => {
      Object.assign(pen, { font, fillStyle: ink });
      pen.fillText(line, margin, y + (number + 0.75) * step);
    });
    write(head, margin);
    write(foot, top + height * scale + margin);
    return new Promise((resolve) => pen.canvas.toBlob(resolve, "image/png"));
  }

  function standingAlone(svg, width, height) {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    const faces = rules.filter((rule) => rule instanceof CSSFontFaceRule).map((rule) => rule.cssText);
    const drawing = svg.cloneNode(true);
    const style = document.createElementNS(svg.namespaceURI, "style");
    style.textContent = faces.join("\n");
    drawing.prepend(style);
    drawing.setAttribute("width", width);
    drawing.setAttribute("height", height);
    return new XMLSerializer().serializeToString(drawing);
  }

  function linesOf(pen, text, font, width) {
    pen.font = font;
    const lines = [];
    text.split(" ").filter(Boolean).forEach((word) => {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    });
    return lines;
  }

  async function savePicture(figure) {
    const address = URL.createObjectURL(await picture(figure));
    make("a", { href: address, download: `${figure.id}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  /* ---- All of it ---- */

  followReader();
  focusWhatScrolls(all(".scroll"));
  all(".table").forEach((block) => {
    const table = block.querySelector("table");
    makeSortable(table);
    if (table.tBodies[0].rows.length >= SEARCHED_ROWS) makeSearchable(block, table);
    if (canCopy) addTools(block, table.caption, [[words.copyTable, () => copyTable(table)]]);
  });
  all("figure").forEach((figure) => {
    if (!figure.querySelector("svg")) return;
    const copying = [words.copyPicture, () => copy({ "image/png": picture(figure) })];
    const saving = [words.savePicture, () => savePicture(figure)];
    addTools(figure, figure.querySelector("figcaption"), canCopy ? [copying, saving] : [saving]);
  });
})();
