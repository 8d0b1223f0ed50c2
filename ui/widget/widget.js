/* Tiaowen 条问: ask a policy document from any page. No dependency, no build step.

A floating button (attributes of the script tag; `data-site=""` where the server asks for no key):
  <script src="https://host/widget.js" data-site="tws_…"
    data-language="zh|en" data-question="…" data-document="id" data-position="right|left"
    data-label="…" data-placeholder="…" data-theme="light|dark"></script>
Inline, after a script tag without data attributes (it only defines the element):
  <tiao-wen site="tws_…" question="…" document="id" language="zh|en" placeholder="…" theme="…">
  </tiao-wen>

Methods:  ask(question) → Promise of the API's object, null if there is none; open(); close()
Events:   tiaowen:answer (detail: the API's object), tiaowen:error (detail: {code, message, status}),
          tiaowen:open, tiaowen:close; they bubble out of every shadow root
CSS custom properties, set on `tiao-wen` or anything above it:
  --tiaowen-accent      links, chips and buttons     --tiaowen-on-accent   text on the accent
  --tiaowen-background  ground of the panel          --tiaowen-surface     box, tooltip
  --tiaowen-text        text; soft text and lines are mixed from it and the background
  --tiaowen-font        font family                  --tiaowen-font-size   16px
  --tiaowen-radius      14px                         --tiaowen-offset      24px from the edges
  --tiaowen-width       of the panel, 400px          --tiaowen-height      at most 640px; inline: auto
  --tiaowen-max-height  inline, 640px                --tiaowen-z-index     2147483000
and ::part(panel).
Everything that comes from a document or a server is set as text, never as HTML. */
"use strict";
(() => { // not indented, for size
const script = document.currentScript ?? document.querySelector('script[src*="widget.js"]');
const base = new URL("./", script.src).href; // works under a sub-path
const MOST_HISTORY = 20; // as the API takes it
const PATIENCE = 60_000; // milliseconds without a sign of life
const TEXTS = {
  zh: {
    lang: "zh-CN", title: "条问", label: "问文件", tagline: "问文件，得到附条款出处的答案。",
    limits: "逐字引用原文；文件没有写的，会直接说没有。答案不构成法律意见。",
    placeholder: "请用自己的话提问", box: "问题", ask: "提问", stop: "停止", close: "关闭",
    again: "新对话", log: "问答", you: "你的问题：", working: "正在查找条款…",
    source: "出处", opens: "在新标签页打开", refused: "文件没有回答这个问题",
    nearest: "最接近的条款", empty: "请先写下问题", wait: (n) => `请 ${n} 秒后再试。`,
    paragraph: (n) => `第${n}款`,
    network: "连不上问答服务，或本网站未获授权；请检查后再试。",
    fault: (status) => `问答服务出了问题（${status}），请稍后再试。`,
  },
  en: {
    lang: "en", title: "Tiaowen", label: "Ask the document",
    tagline: "Ask the document, get the answer with the clause it stands in.",
    limits: "Quoted word for word, in Chinese; what the document does not say is said to be missing. Not legal advice.",
    placeholder: "Ask in your own words", box: "Question", ask: "Ask", stop: "Stop", close: "Close",
    again: "New conversation", log: "Questions and answers", you: "Your question: ",
    working: "Looking for the clause…", source: "Source",
    opens: "opens in a new tab", refused: "The document does not answer this",
    nearest: "Nearest clauses", empty: "Please write a question first",
    wait: (n) => `Please try again in ${n} seconds.`,
    paragraph: (n) => `para. ${n}`,
    network: "The service cannot be reached, or this site may not ask; please check and try again.",
    fault: (status) => `The service failed (${status}); please try again later.`,
  },
};

// ---- The server ----

class Failure extends Error {
  constructor(code, message, status = 0) {
    super(message);
    Object.assign(this, { code, status });
  }
}

async function post(path, body, texts, signal, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(base + path, {
      method: "POST", credentials: "omit", headers, body: JSON.stringify(body), signal,
    });
  } catch {
    throw new Failure("network", texts.network);
  }
  if (!response.ok) throw await failure(response, texts);
  return response;
}

async function failure(response, texts) {
  const error = (await response.json().catch(() => null))?.error;
  const wait = response.status === 429 ? waiting(response.headers.get("retry-after")) : 0;
  const said = error?.message || texts.fault(response.status);
  const message = wait ? `${said.replace(/[。.]?$/, texts === TEXTS.zh ? "。" : ". ")}${texts.wait(wait)}` : said;
  return new Failure(error?.code ?? "http_error", message, response.status);
}

/** Read Retry-After, seconds or a date. */
function waiting(header) {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(seconds) : 0;
}

// Session tokens live here and nowhere else: site key → {answer, until}.
const sessions = new Map();

async function tokenOf(site, texts) {
  let kept = sessions.get(site);
  if (!kept || Date.now() >= kept.until) {
    kept = { until: Infinity, answer: openSession(site, texts) };
    sessions.set(site, kept);
  }
  try {
    const { token, expires_in: lasts } = await kept.answer;
    if (kept.until === Infinity) kept.until = Date.now() + 1000 * (lasts - Math.min(30, lasts / 2));
    return token;
  } catch (error) {
    if (sessions.get(site) === kept) sessions.delete(site);
    throw error;
  }
}

async function openSession(site, texts) {
  const response = await post("v1/session", { site_key: site }, texts, AbortSignal.timeout?.(PATIENCE));
  return response.json();
}

async function postAs(site, body, texts, signal) {
  if (!site) return post("v1/ask", body, texts, signal);
  const token = await tokenOf(site, texts);
  try {
    return await post("v1/ask", body, texts, signal, token);
  } catch (error) {
    if (error.status !== 401) throw error;
    if ((await sessions.get(site)?.answer)?.token === token) sessions.delete(site);
    return post("v1/ask", body, texts, signal, await tokenOf(site, texts));
  }
}

/** Yield [kind, data] of server-sent events. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.split(/\r?\n/).filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim()).join("\n");
      if (field("data")) yield [field("event"), JSON.parse(field("data"))];
    }
  }
}

/** Ask, streamed; as plain JSON where a stream does not get through. */
async function request(site, body, texts, signal, onEvent) {
  try {
    const response = await postAs(site, { ...body, stream: true }, texts, signal);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      return await response.json();
    }
    for await (const [kind, data] of eventsOf(response)) {
      if (kind === "done") return data;
      onEvent(kind, data);
    }
  } catch (error) {
    const said = error instanceof Failure && !["network", "http_error"].includes(error.code);
    if (signal.aborted || said) throw error;
  }
  try {
    return await (await postAs(site, { ...body, stream: false }, texts, signal)).json();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("network", texts.network);
  }
}

// ---- What is shown ----

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const pushButton = (name, ...children) => el("button", { type: "button", class: name }, ...children);

/** Write an address as people cite it. */
function place({ path, paragraph, item }, texts) {
  return [...path, paragraph > 1 && texts.paragraph(paragraph), item].filter(Boolean).join(" › ");
}

/** Where a citation or a near clause can be read. */
function pageOf({ document_id: id, url, start_char_index: start, end_char_index: end }, texts) {
  const query = [end && `quote=${start}-${end}`, texts === TEXTS.en && "language=en"].filter(Boolean).join("&");
  return `${base}documents/${encodeURIComponent(id)}${query && `?${query}`}#${url.split("#")[1] ?? ""}`;
}

const link = (href, ...children) => el("a", { href, target: "_blank", rel: "noopener" }, ...children);

/** Text and chips of an answer. The API counts code points, strings do not; U+2060 keeps a chip on its line. */
function answerParts({ answer, citations }, texts) {
  const points = [...answer];
  const parts = [];
  let at = 0;
  for (const citation of citations) {
    const marker = `[${citation.index}]`;
    const found = answer.indexOf(marker, Math.max(at, points.slice(0, citation.answer_end).join("").length));
    if (found < 0) continue;
    parts.push(`${answer.slice(at, found)}\u2060`, chip(citation, texts));
    at = found + marker.length;
  }
  return [...parts, answer.slice(at)];
}

function chip(citation, texts) {
  const made = link(pageOf(citation, texts), citation.index);
  made.className = "chip";
  made.setAttribute("aria-label", `${texts.source} ${citation.index}：${place(citation.clause, texts)}（${texts.opens}）`);
  made.setAttribute("aria-describedby", "tip");
  made.quote = citation.cited_text;
  return made;
}

/** The sources under an answer, by document. */
function sourceParts(citations, texts) {
  const titles = new Set(citations.map((citation) => citation.document_title));
  return [...titles].flatMap((title) => [
    el("p", { class: "title" }, `《${title}》`),
    el("ol", { class: "sources", "aria-label": `${texts.source}：${title}` },
      ...citations.filter((citation) => citation.document_title === title).map((citation) =>
        el("li", {}, link(pageOf(citation, texts), el("b", {}, citation.index), place(citation.clause, texts))))),
  ]);
}

function refusalOf({ reason, message, nearest }, texts) {
  const made = el("div", { class: "refusal" });
  if (reason === "not_in_document" || reason === "off_topic") made.append(el("strong", {}, texts.refused));
  made.append(el("p", {}, message));
  if (nearest.length) {
    made.append(el("p", { class: "title" }, texts.nearest), el("ul", {}, ...nearest.map((near) =>
      el("li", {}, link(pageOf(near, texts), place(near, texts))))));
  }
  return made;
}

// ---- The element ----

class TiaoWen extends HTMLElement {
  static observedAttributes = ["language", "placeholder", "label", "question"];
  #parts = {};
  #asked = [];
  #running = null;
  #before = null; // what had the focus before the panel opened
  #drawn = false;

  constructor() {
    super();
    dress(this.attachShadow({ mode: "open" }));
  }

  connectedCallback() {
    if (!this.#drawn) this.#draw();
    this.#label();
  }

  attributeChangedCallback(name, _, value) {
    if (!this.#drawn) return;
    if (name === "question") this.#parts.box.value = value ?? "";
    this.#label();
  }

  get #floating() { return this.hasAttribute("floating"); }

  get #texts() {
    const wanted = this.getAttribute("language") || this.closest("[lang]")?.lang || "";
    return /^en/i.test(wanted) ? TEXTS.en : TEXTS.zh;
  }

  /** Ask a question, as if it had been typed. */
  async ask(question) {
    const { box, error } = this.#parts;
    const text = String(question ?? "").trim();
    if (this.#running) return null;
    if (this.#floating && this.#parts.panel.hidden) this.open();
    box.value = text;
    error.textContent = text ? "" : this.#texts.empty;
    return text ? this.#run(text) : null;
  }

  /** Open the panel of a floating button; inline, only go to the box. */
  open() {
    const { panel, button, box } = this.#parts;
    if (this.#floating && panel.hidden) {
      this.#before = document.activeElement;
      panel.hidden = false;
      button.hidden = true;
      this.#say("open");
    }
    box.focus();
    if (box.value) box.select();
  }

  /** Close the panel and give the focus back. */
  close() {
    const { panel, button } = this.#parts;
    if (!this.#floating || panel.hidden) return;
    this.#hideTip();
    panel.hidden = true;
    button.hidden = false;
    const before = this.#before;
    const lost = !before?.isConnected || before === this || before === document.body;
    (lost ? button : before).focus();
    this.#say("close");
  }

  #say(kind, detail = null) {
    this.dispatchEvent(new CustomEvent(`tiaowen:${kind}`, { detail, bubbles: true, composed: true }));
  }

  #draw() {
    this.#drawn = true;
    const parts = this.#parts = {
      button: pushButton("open"),
      panel: el("div", { class: "panel", part: "panel", tabindex: "-1", role: this.#floating ? "dialog" : "group" }),
      title: el("h2", {}), close: pushButton("close", "×"),
      start: el("div", { class: "start" }), tagline: el("p", { class: "tagline" }), limits: el("p", {}),
      log: el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" }),
      error: el("p", { class: "error", id: "error", role: "alert" }), status: el("p", { class: "status", role: "status" }),
      box: el("textarea", { rows: "1", enterkeyhint: "send", "aria-describedby": "error" }),
      send: pushButton("send"), again: pushButton("again"),
      tip: el("div", { class: "tip", id: "tip", role: "tooltip" }),
    };
    parts.start.append(parts.tagline, parts.limits);
    parts.panel.append(
      ...(this.#floating ? [el("div", { class: "head" }, parts.title, parts.close)] : []),
      parts.start, parts.log,
      el("div", { class: "foot" }, parts.status, parts.error,
        el("div", { class: "asking" }, parts.box, parts.send), parts.again),
      parts.tip);
    parts.tip.hidden = parts.log.hidden = parts.again.hidden = true;
    parts.panel.hidden = this.#floating;
    if (this.#floating) parts.panel.setAttribute("aria-modal", "true");
    parts.button.setAttribute("aria-haspopup", "dialog");
    parts.box.value = this.getAttribute("question") ?? "";
    this.shadowRoot.append(...(this.#floating ? [parts.button] : []), parts.panel);
    this.#listen();
  }

  #label() {
    const texts = this.#texts;
    const { button, panel, title, close, tagline, limits, log, box, send, again } = this.#parts;
    panel.lang = texts.lang;
    button.textContent = this.getAttribute("label") || texts.label;
    title.textContent = texts.title;
    tagline.textContent = texts.tagline;
    limits.textContent = texts.limits;
    box.placeholder = this.getAttribute("placeholder") || texts.placeholder;
    box.setAttribute("aria-label", texts.box);
    send.textContent = this.#running ? texts.stop : texts.ask;
    again.textContent = texts.again;
    panel.setAttribute("aria-label", texts.title);
    log.setAttribute("aria-label", texts.log);
    close.setAttribute("aria-label", texts.close);
  }

  #listen() {
    const { button, panel, close, box, send, again, tip } = this.#parts;
    button.addEventListener("click", () => this.open());
    close.addEventListener("click", () => this.close());
    send.addEventListener("click", () => {
      if (this.#running) this.#running.abort("stop");
      else this.ask(box.value);
    });
    again.addEventListener("click", () => this.#begin());
    panel.addEventListener("keydown", (event) => this.#key(event));
    // The page's own shortcuts are not meant by what is typed here.
    for (const kind of ["keyup", "keypress"]) panel.addEventListener(kind, (event) => event.stopPropagation());
    const chipOf = (event) => event.target.closest(".chip");
    panel.addEventListener("mouseover", (event) => {
      const over = chipOf(event);
      if (over) this.#showTip(over);
      else if (!tip.contains(event.target)) this.#leaveTip();
      else clearTimeout(this.#leaving);
    });
    panel.addEventListener("mouseleave", () => this.#leaveTip());
    panel.addEventListener("focusin", (event) => {
      if (chipOf(event)?.matches(":focus-visible")) this.#showTip(chipOf(event));
    });
    panel.addEventListener("focusout", () => this.#hideTip());
  }

  #key(event) {
    event.stopPropagation();
    const { box, tip } = this.#parts;
    const composing = event.isComposing || event.keyCode === 229; // choosing characters
    if (event.key === "Enter" && event.target === box && !event.shiftKey && !composing) {
      event.preventDefault();
      if (!this.#running) this.ask(box.value);
    } else if (event.key === "Escape" && !composing) {
      event.preventDefault();
      if (!tip.hidden && event.target.matches(".chip")) this.#hideTip();
      else this.close();
    } else if (event.key === "Tab" && this.#floating) this.#turnBack(event);
  }

  /** Keep Tab inside the open panel. */
  #turnBack(event) {
    const inside = [...this.#parts.panel.querySelectorAll("a[href], button, textarea, [tabindex='0']")]
      .filter((one) => one.getClientRects().length);
    const now = this.shadowRoot.activeElement;
    const [from, to] = event.shiftKey ? [inside[0], inside.at(-1)] : [inside.at(-1), inside[0]];
    if (now !== from && now !== this.#parts.panel) return;
    event.preventDefault();
    to.focus();
  }

  #begin() {
    const { log, start, again, error, box } = this.#parts;
    this.#running?.abort("stop");
    this.#asked = [];
    log.replaceChildren();
    error.textContent = "";
    log.hidden = again.hidden = true;
    start.hidden = false;
    box.focus();
  }

  async #run(question) {
    const texts = this.#texts;
    const running = this.#running = new AbortController();
    const reply = el("div", { class: "reply" }, el("p", { class: "working" }, texts.working));
    const turn = el("div", { class: "turn" },
      el("div", { class: "you" }, el("span", { class: "unseen" }, texts.you), question), reply);
    this.#busy(true, turn);
    try {
      const outcome = await this.#request(question, running, (partial) => this.#write(reply, partial, texts));
      this.#write(reply, outcome, texts);
      this.#asked.push(question);
      this.#parts.box.value = "";
      this.#say("answer", outcome);
      return outcome;
    } catch (error) {
      turn.remove();
      if (running.signal.reason !== "stop") this.#fail(error, texts);
      return null;
    } finally {
      this.#busy(false, turn);
    }
  }

  async #request(question, running, show) {
    const document_ = this.getAttribute("document");
    const body = {
      question,
      history: this.#asked.slice(-MOST_HISTORY).map((content) => ({ role: "user", content })),
      ...(document_ && { documents: [document_] }),
    };
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => running.abort("silence"), PATIENCE);
    };
    const partial = { answer: "", citations: [] };
    alive();
    try {
      return await request(this.getAttribute("site"), body, this.#texts, running.signal, (kind, data) => {
        alive();
        if (kind === "delta") partial.answer += data;
        else if (kind === "citation") partial.citations.push(data);
        if (partial.answer) show(partial);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #write(reply, outcome, texts) {
    if (outcome.refusal) {
      reply.replaceChildren(refusalOf(outcome.refusal, texts));
      return;
    }
    reply.replaceChildren(
      el("div", { class: "answer" }, ...answerParts(outcome, texts)),
      ...sourceParts(outcome.citations, texts));
  }

  #fail(error, texts) {
    const { code, message, status } = error instanceof Failure ? error : new Failure("network", texts.network);
    this.#parts.error.textContent = message;
    this.#say("error", { code, message, status });
  }

  #busy(busy, turn) {
    const { log, start, status, box, send, again, error } = this.#parts;
    const texts = this.#texts;
    if (busy) {
      error.textContent = "";
      log.hidden = false;
      log.append(turn);
    } else this.#running = null;
    start.hidden = log.childElementCount > 0;
    log.hidden = again.hidden = !start.hidden;
    log.setAttribute("aria-busy", String(busy));
    status.textContent = busy ? texts.working : "";
    box.readOnly = busy;
    send.textContent = busy ? texts.stop : texts.ask;
    if (turn.isConnected) log.scrollTop = turn.offsetTop - 12;
  }

  #leaving = 0;

  #showTip(over) {
    clearTimeout(this.#leaving);
    const { tip, panel } = this.#parts;
    tip.textContent = `“${over.quote}”`;
    tip.hidden = false;
    const frame = panel.getBoundingClientRect();
    const at = over.getBoundingClientRect();
    const below = at.bottom + tip.offsetHeight + 8 < Math.min(innerHeight, frame.bottom);
    const left = Math.min(at.left - frame.left - 12, frame.width - tip.offsetWidth - 12);
    tip.style.left = `${Math.max(12, left)}px`;
    tip.style.top = `${(below ? at.bottom + 4 : at.top - tip.offsetHeight - 4) - frame.top}px`;
  }

  #leaveTip() { // a moment, so that the pointer can reach the tip
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#hideTip(), 200);
  }

  #hideTip() { this.#parts.tip.hidden = true; }
}

const DARK = `--accent: var(--tiaowen-accent, #6fd0bd); --on-accent: var(--tiaowen-on-accent, #0c211c);
  --ground: var(--tiaowen-background, #161b19); --surface: var(--tiaowen-surface, #1d2421);
  --text: var(--tiaowen-text, #e7ebe8); --warm: #2b2516; --warm-text: #f1e4c3; --warm-line: #7d652b;
  --bad: #f0a497; --shadow: rgb(0 0 0 / .5); color-scheme: dark;`;
// The page's own rules end at the shadow; what would be inherited ends at `all: initial`.
const STYLE = `
:host { display: block !important; }
:host([floating]) { all: initial !important; display: block !important; position: fixed !important;
 inset: auto var(--tiaowen-offset, 24px) var(--tiaowen-offset, 24px) auto !important;
 z-index: var(--tiaowen-z-index, 2147483000) !important; }
:host([floating][position="left"]) { inset: auto auto var(--tiaowen-offset, 24px) var(--tiaowen-offset, 24px) !important; }
.open, .panel { all: initial; box-sizing: border-box;
 --accent: var(--tiaowen-accent, #0b6b5d); --on-accent: var(--tiaowen-on-accent, #fff);
 --ground: var(--tiaowen-background, #fbfaf7); --surface: var(--tiaowen-surface, #fff);
 --text: var(--tiaowen-text, #1c2321); --warm: #fdf7e8; --warm-text: #3d2f0d; --warm-line: #e0c58d;
 --bad: #8f2f20; --shadow: rgb(20 40 35 / .18); --radius: var(--tiaowen-radius, 14px);
 --soft: color-mix(in srgb, var(--text) 74%, var(--ground));
 --line: color-mix(in srgb, var(--text) 16%, var(--ground));
 --tint: color-mix(in srgb, var(--accent) 14%, var(--ground));
 color: var(--text); color-scheme: light; line-height: 1.75; font-size: var(--tiaowen-font-size, 16px);
 font-family: var(--tiaowen-font, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif); }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) :is(.open, .panel) { ${DARK} } }
:host([theme="dark"]) :is(.open, .panel) { ${DARK} }
[hidden] { display: none !important; }
* { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button, a { cursor: pointer; }
p, h2, ol, ul { margin: 0; padding: 0; list-style: none; }
.open { cursor: pointer; padding: .55em 1.35em; border-radius: 999px; font-weight: 600; letter-spacing: .04em;
 color: var(--on-accent); background: var(--accent); box-shadow: 0 4px 18px var(--shadow); }
.open:hover, .send:hover { filter: brightness(.92); }
.panel { display: flex; flex-direction: column; position: relative; background: var(--ground);
 border: 1px solid var(--line); border-radius: var(--radius); width: 100%; outline: none;
 height: var(--tiaowen-height, auto); max-height: var(--tiaowen-max-height, 640px); }
:host([floating]) .panel { width: min(var(--tiaowen-width, 400px), 100vw - 2 * var(--tiaowen-offset, 24px));
 max-height: min(var(--tiaowen-height, 640px), 100vh - 2 * var(--tiaowen-offset, 24px)); height: auto;
 box-shadow: 0 12px 48px var(--shadow); animation: rise .18s ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
.head { display: flex; align-items: center; justify-content: space-between;
 padding: .5em .5em .5em 1.25em; border-bottom: 1px solid var(--line); }
h2 { font-size: 1.1em; font-weight: 700; letter-spacing: .08em; color: var(--accent); }
.close { border: 0; background: none; width: 2em; height: 2em; line-height: 1; font-size: 1.25em;
 border-radius: 8px; color: var(--soft); }
.close:hover, .again:hover { background: var(--line); color: var(--text); }
.start { flex: 1; padding: 1.25em 1.25em .5em; overflow-y: auto; }
.start p { font-size: .88em; color: var(--soft); }
.start .tagline { font-size: 1.05em; font-weight: 600; color: var(--text); margin-bottom: .35em; }
.log { flex: 1 1 auto; min-height: 0; overflow-y: auto; overscroll-behavior: contain; position: relative;
 padding: 1.1em 1.25em .5em; overflow-wrap: anywhere; border-radius: var(--radius); }
.turn + .turn { margin-top: 1.6em; }
.you { width: fit-content; max-width: 88%; margin: 0 0 .8em auto; padding: .45em .95em; white-space: pre-wrap;
 border-radius: 14px 14px 4px 14px; background: var(--tint); }
.answer { white-space: pre-wrap; line-height: 1.85; }
.working { color: var(--soft); animation: breathe 1.6s ease-in-out infinite alternate; }
@keyframes breathe { to { opacity: .55; } }
.chip { padding: .22em .55em; margin: 0 .25em; border-radius: 999px; font-size: .74em; line-height: 1.7; font-weight: 600;
 vertical-align: .15em; text-decoration: none; color: var(--on-accent); background: var(--accent); }
.title { margin: .9em 0 .1em; padding-top: .6em; border-top: 1px solid var(--line); font-size: .82em; color: var(--soft); }
.sources { font-size: .88em; }
.sources a { display: block; padding: .12em 0 .12em 1.3em; text-indent: -1.3em; color: var(--text); text-decoration: none; }
.sources b { display: inline-block; width: 1.3em; text-indent: 0; color: var(--accent); }
.sources a:hover { color: var(--accent); text-decoration: underline; text-underline-offset: 3px; }
.refusal { border: 1px solid var(--warm-line); border-left-width: 4px; border-radius: 8px; padding: .65em 1em;
 background: var(--warm); color: var(--warm-text); }
.refusal .title { border: 0; padding: 0; margin-top: .5em; color: inherit; }
.refusal li { font-size: .88em; padding: .12em 0; }
.refusal a { color: inherit; text-underline-offset: 3px; }
.foot { padding: .6em 1em .8em; }
.status, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.error:not(:empty) { color: var(--bad); font-size: .9em; padding: 0 .25em .45em; }
.asking { display: flex; align-items: flex-end; gap: .4em; padding: .3em; background: var(--surface);
 border: 1px solid color-mix(in srgb, var(--text) 50%, var(--ground)); border-radius: min(var(--radius), 12px); }
.asking:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
textarea { flex: 1; min-width: 0; border: 0; outline: 0; background: none; resize: none; padding: .3em .5em;
 line-height: 1.6; field-sizing: content; min-height: 2.2em; max-height: 8em; }
textarea::placeholder { color: var(--soft); opacity: 1; }
textarea:read-only { color: var(--soft); }
.send { border: 0; border-radius: min(var(--radius), 9px); padding: .3em 1em; font-weight: 600;
 white-space: nowrap; color: var(--on-accent); background: var(--accent); line-height: 1.6; }
.again { border: 0; background: none; margin: .4em 0 0 -.2em; padding: .1em .6em; font-size: .82em;
 border-radius: 6px; color: var(--soft); }
.tip { position: absolute; z-index: 1; max-width: min(22em, 100% - 24px); max-height: 12em; overflow-y: auto;
 padding: .55em .85em; font-size: .86em; line-height: 1.7; color: var(--text); background: var(--surface);
 border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 24px var(--shadow); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.log:focus-visible { outline-offset: -3px; }
textarea:focus-visible { outline: 0; }
@media (max-width: 600px) {
 :host([floating]) .panel { position: fixed; inset: 0; width: auto; max-height: none; border: 0; border-radius: 0; }
 :host([floating]) .foot { padding-bottom: max(.8em, env(safe-area-inset-bottom)); }
 }
@media (prefers-reduced-motion: reduce) { .panel, .working { animation: none !important; } }
:host([hidden]) { display: none !important; }
@media print { :host([floating]) { display: none !important; } }`;

/** A constructed sheet also passes a page's `style-src`. */
function dress(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(el("style", {}, STYLE));
  }
}

if (!customElements.get("tiao-wen")) customElements.define("tiao-wen", TiaoWen);

// The floating button: once a page, whatever the number of script tags.
const names = ["site", "language", "question", "document", "position", "label", "placeholder", "theme"];
const given = names.filter((name) => name in script.dataset);
function float() {
  if (document.querySelector("tiao-wen[floating]")) return;
  document.body.append(el("tiao-wen",
    { floating: "", ...Object.fromEntries(given.map((name) => [name, script.dataset[name]])) }));
}
if (given.length && document.body) float();
else if (given.length) addEventListener("DOMContentLoaded", float);
})();
