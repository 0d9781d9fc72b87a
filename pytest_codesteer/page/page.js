"use strict";
// Texts of the run reach the page by textContent alone.
(async () => {
  const ROWS = 50; // of a page of the list
  const MOST = 20000; // characters of a text that are shown at first
  const FILTERS = ["model", "method", "task", "level", "outcome", "answered_by"];
  const SHOWN = ["id", "outcome", "answered_by", "score", "tokens", "dollars", "seconds", "reason"];
  const HEADS = { id: "case", answered_by: "answered by", dollars: "US$" };
  const at = (id) => document.getElementById(id);
  const columns = at("list").dataset.columns.split(" ");
  const place = Object.fromEntries(columns.map((name, index) => [name, index]));
  const BLOCK = columns.length, WITHIN = columns.length + 1;

  const unpack = async (id) => {
    const bytes = Uint8Array.from(atob(at(id).textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const blocks = new Map(); // those unpacked last, as text of a run may be too large to keep unpacked
  const block = async (number) => {
    if (!blocks.has(number)) {
      if (blocks.size > 8) blocks.delete(blocks.keys().next().value);
      blocks.set(number, await unpack(`block${number}`));
    }
    return blocks.get(number);
  };
  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const NUMBERS = { // how many digits stand behind the point, so that they stand below each other
    score: (value) => String(+value.toFixed(3)), tokens: (value) => value.toLocaleString("en"),
    dollars: (value) => value.toFixed(5), seconds: (value) => value.toFixed(2),
  };
  const figure = (name, value) => value === null ? "?" : name in NUMBERS ? NUMBERS[name](value) : value;
  const kind = (name, value) => name in NUMBERS ? "number" : name === "outcome" ? value : name;

  const rows = await unpack("index");
  const everything = rows.map((row) => row.slice(0, BLOCK).join("\n").toLowerCase());
  let found = rows.map((_, index) => index);
  let page = 0, order = null, falling = false, open = 0, turn = 0;

  const selects = FILTERS.map((name) => {
    const label = make("label", `${name.replace("_", " ")} `);
    const select = make("select", "", { id: `filter-${name}` });
    select.append(make("option", "all", { value: "" }));
    const values = new Set(rows.map((row) => row[place[name]]));
    for (const value of values) if (value !== "") select.append(make("option", value, { value }));
    label.append(select);
    if (values.size > 1) at("choices").append(label);
    return [name, select];
  });

  const heads = SHOWN.map((name) => {
    const head = make("th", "", { scope: "col", "aria-sort": "none", class: name in NUMBERS ? "number" : "name" });
    const button = make("button", HEADS[name] || name, { type: "button" });
    button.addEventListener("click", () => sort(name));
    head.append(button);
    return head;
  });
  at("list").tHead.rows[0].append(...heads);

  const drawRow = (index, position) => {
    const row = rows[index], line = document.createElement("tr");
    for (const name of SHOWN) {
      const value = row[place[name]];
      if (name === "id") {
        const head = make("th", "", { scope: "row" });
        const button = make("button", value, { type: "button", class: "case-link" });
        button.addEventListener("click", () => show(position));
        head.append(button);
        line.append(head);
      } else line.append(make("td", figure(name, value), { class: kind(name, value) }));
    }
    return line;
  };
  const draw = () => {
    const pages = Math.max(1, Math.ceil(found.length / ROWS));
    page = Math.min(page, pages - 1);
    const first = page * ROWS;
    at("list").tBodies[0].replaceChildren(
      ...found.slice(first, first + ROWS).map((index, offset) => drawRow(index, first + offset)));
    if (!found.length) {
      const line = document.createElement("tr");
      line.append(make("td", "No case fits these filters.", { class: "note", colspan: SHOWN.length }));
      at("list").tBodies[0].append(line);
    }
    at("count").textContent = `${found.length} of ${rows.length} cases`;
    at("page").textContent = `page ${page + 1} of ${pages}`;
    at("before").disabled = page === 0;
    at("after").disabled = page === pages - 1;
  };
  const compare = (one, other) => {
    if (one === other) return 0;
    if (one === null || other === null) return one === null ? 1 : -1;
    return (one < other ? -1 : 1) * (falling ? -1 : 1);
  };
  const arrange = () => {
    if (order) found.sort((one, other) =>
      compare(rows[one][place[order]], rows[other][place[order]]) || one - other);
    heads.forEach((head, index) => head.setAttribute("aria-sort",
      SHOWN[index] !== order ? "none" : falling ? "descending" : "ascending"));
    draw();
  };
  const sort = (name) => {
    falling = order === name && !falling;
    order = name;
    arrange();
  };
  const inTranscripts = async (indices, text, mine) => {
    const hits = [];
    for (const [done, index] of indices.entries()) {
      const transcripts = await block(rows[index][BLOCK]);
      if (mine !== turn) return null; // another search has begun
      const fits = everything[index].includes(text) ||
        transcripts[rows[index][WITHIN]].some((entry) => entry[2].toLowerCase().includes(text));
      if (fits) hits.push(index);
      if (done % 500 === 0) at("count").textContent = `searching: ${done} of ${indices.length}`;
    }
    return hits;
  };
  const filter = async () => {
    const mine = ++turn, text = at("search").value.trim().toLowerCase();
    const wanted = selects.filter(([, select]) => select.value !== "");
    const chosen = rows.map((_, index) => index).filter((index) =>
      wanted.every(([name, select]) => rows[index][place[name]] === select.value));
    if (text && at("deep").checked) {
      const hits = await inTranscripts(chosen, text, mine);
      if (hits === null) return;
      found = hits;
    } else found = chosen.filter((index) => everything[index].includes(text));
    page = 0;
    arrange();
  };

  const drawEntry = ([kind, head, text]) => {
    const part = make("section", "", { class: `entry ${kind}` });
    part.append(make("h3", head));
    const body = make("pre", text.slice(0, MOST), { tabindex: "0", "aria-label": head });
    if (text) part.append(body);
    if (text.length > MOST) {
      const more = make("button", `Show all ${text.length.toLocaleString("en")} characters`, { type: "button" });
      more.addEventListener("click", () => { body.textContent = text; more.remove(); });
      part.append(more);
    }
    return part;
  };
  const show = async (position) => {
    const row = rows[found[position]], mine = ++open;
    const transcript = (await block(row[BLOCK]))[row[WITHIN]];
    if (mine !== open) return; // another one was chosen meanwhile
    at("case-head").textContent = row[place.id];
    at("transcript").replaceChildren(...transcript.map(drawEntry));
    at("case-before").disabled = position === 0;
    at("case-after").disabled = position === found.length - 1;
    at("case-before").onclick = () => show(position - 1);
    at("case-after").onclick = () => show(position + 1);
    if (!at("case").open) at("case").showModal();
    at("case").scrollTop = 0;
  };

  const alone = (plot, colour) => { // a series stands out while the pointer rests on its name in the legend
    for (const mark of plot.querySelectorAll(".role-mark :is(path, line)")) {
      const own = [mark.getAttribute("fill"), mark.getAttribute("stroke")];
      mark.classList.toggle("pale", colour !== null && !own.includes(colour));
    }
  };
  for (const symbol of document.querySelectorAll(".role-legend-symbol path[fill^='#']")) {
    const plot = symbol.closest("svg"), entry = symbol.parentNode.parentNode.parentNode;
    entry.addEventListener("pointerenter", () => alone(plot, symbol.getAttribute("fill")));
    entry.addEventListener("pointerleave", () => alone(plot, null));
  }

  let pause = 0;
  const soon = () => { clearTimeout(pause); pause = setTimeout(filter, 150); };
  at("search").addEventListener("input", soon);
  at("deep").addEventListener("change", filter);
  for (const [, select] of selects) select.addEventListener("change", filter);
  at("filters").addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  at("filters").addEventListener("reset", () => setTimeout(filter));
  at("before").addEventListener("click", () => { page -= 1; draw(); });
  at("after").addEventListener("click", () => { page += 1; draw(); });
  at("close").addEventListener("click", () => at("case").close());
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("main details")) each.open = true;
  });
  draw();
  document.body.dataset.ready = Math.round(performance.now()); // milliseconds that opening took
})();
