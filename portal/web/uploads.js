// Files that go up while the page stays: in parts, straight to the store, gone on with after a broken line.
//   [data-uploader="ADDRESS"]   around a form's file field; see components/uploads.html for what is inside
//   [data-digest]               around fields for a file's name, size and SHA-256: fills them from a chosen file
// Without this script the form sends the same files, and the same checks are made. ADDRESS is the portal's
// (portal/web/uploading.py): a file is announced there, and is told which parts are missing.
import { sha256OfFile } from "./sha256.js";

const AT_ONCE = 3; // parts on their way at the same time, of all files together
const PAUSES = [1, 2, 5, 10, 20, 30]; // seconds before trying again; after the last we ask the person
const NOT_REACHED = 2; // tries after which a store that never answered is taken to be out of reach
const NBSP = "\u00a0";

/** A sentence for the person: nothing more to try. */
class Told extends Error {}
/** The line or the store failed: try again. */
class Broken extends Error {}
/** What we were told no longer holds (an address that expired): announce the file again. */
class Again extends Broken {}
/** The person cancelled. */
class Cancelled extends Error {}

function inWords(bytes) {
  const [unit, name] = bytes >= 2 ** 20 ? [2 ** 20, "MB"] : [2 ** 10, "KB"];
  return `${(Math.ceil((bytes * 10) / unit) / 10).toLocaleString("en-GB")}${NBSP}${name}`;
}

/** A pause that ends at once when the line is back. */
function pause(seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

/** Lets a few at a time through. */
class Gate {
  constructor(most) { this.free = most; this.queue = []; }

  async through(work) {
    if (this.free > 0) this.free--; else await new Promise((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next(); else this.free++;
    }
  }
}

const gate = new Gate(AT_ONCE);

/** One request with a body whose progress is told. Resolves with the request, whatever its status; 0 is a failure. */
function send(method, address, body, { headers = {}, progress, started }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("loadend", () => resolve(request));
    started(request);
    request.send(body);
  });
}

/** One file of an Uploader, and its line on the page. */
class FileOnItsWay {
  constructor(uploader, file) {
    Object.assign(this, { uploader, file, requests: new Set(), sent: new Map(), arrived: 0, told: 0 });
    this.line = uploader.template.content.firstElementChild.cloneNode(true);
    this.bar = this.line.querySelector("progress");
    this.says = this.line.querySelector("[data-says]");
    this.line.querySelector("[data-name]").textContent = file.name;
    this.bar.setAttribute("aria-label", file.name);
    this.again = this.button("[data-again]", "Try again", () => this.run());
    this.cancel = this.button("[data-cancel]", "Cancel", () => this.giveUp());
    uploader.list.append(this.line);
  }

  button(selector, text, act) {
    const button = this.line.querySelector(selector);
    button.textContent = text;
    button.setAttribute("aria-label", `${text} ${this.file.name}`);
    button.addEventListener("click", act);
    return button;
  }

  async run() {
    this.under = true;
    this.again.hidden = true;
    this.line.classList.remove("portal-upload--failed");
    this.bar.hidden = false;
    try {
      if (this.file.size > this.uploader.largest) {
        throw new Told(`This file is ${inWords(this.file.size)}. It must be ${inWords(this.uploader.largest)} or smaller. Make it smaller or split it into parts.`);
      }
      this.uploader.announce(`Uploading ${this.file.name}.`);
      this.sha256 ??= await this.read();
      await this.persist();
      this.finished();
    } catch (error) {
      if (!(error instanceof Cancelled)) this.failed(error);
    } finally {
      this.under = false;
    }
  }

  async read() {
    try {
      return await sha256OfFile(this.file, (bytes) => {
        this.check();
        this.show(bytes, "Reading the file");
      });
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      throw new Told("This file cannot be read any more. Check that it is still there, and choose it again.");
    }
  }

  /** Send until it is there. Progress begins the patience anew. */
  async persist() {
    for (let tries = 0; ;) {
      const before = this.total();
      try {
        return await this.sendParts();
      } catch (error) {
        this.check();
        if (!(error instanceof Broken)) throw error;
        tries = this.total() > before ? 0 : tries + 1;
        if (!this.uploader.reached && tries >= NOT_REACHED) {
          if (!this.uploader.withForm) return this.sendByForm();
          this.uploader.leaveToForm();
          throw new Told("This file is not uploaded yet. Choose it again: it is then sent with the form.");
        }
        if (tries > PAUSES.length) throw error;
        const why = error.message || "The line is broken. What has arrived is kept.";
        if (!(error instanceof Again)) this.say(`${why} We go on by ourselves as soon as we can.`);
        await pause(error instanceof Again ? 0 : PAUSES[Math.max(0, tries - 1)]);
        this.check();
      }
    }
  }

  async sendParts() {
    const { name: filename, size } = this.file;
    const told = await this.uploader.ask("POST", "", { filename, size, sha256: this.sha256 });
    this.upload = told.upload;
    this.arrived = told.arrived;
    this.sent.clear();
    this.show(this.total());
    const settled = await Promise.allSettled(told.parts.map((part) => gate.through(() => this.put(part, told.partSize))));
    const failed = settled.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    this.bar.removeAttribute("value");
    this.say("All of it has arrived. We are checking it.");
    await this.uploader.ask("POST", `/${this.upload}`);
  }

  async put({ number, address }, size) {
    this.check();
    const piece = this.file.slice((number - 1) * size, number * size);
    const request = await this.request("PUT", address, piece, (bytes) => { this.sent.set(number, bytes); });
    if (request.status) this.uploader.reached = true;
    if (request.status === 200) { this.sent.set(number, piece.size); this.show(this.total()); return; }
    this.sent.delete(number);
    this.check();
    throw request.status === 403 || request.status === 404 ? new Again() : new Broken();
  }

  /** The same file through the portal, for a store that this browser cannot reach. */
  async sendByForm() {
    this.uploader.sayNotReached();
    this.arrived = 0;
    this.sent.clear();
    const { form, field, token } = this.uploader;
    const body = new FormData();
    for (const [name, value] of [["csrf_token", token], ["then", "stay"], [field.name, this.file]]) body.append(name, value);
    const headers = { Accept: "application/json" };
    const request = await this.request("POST", form.action, body, (bytes) => { this.sent.set(0, bytes); }, headers);
    this.check();
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a page, not an answer to a script */ }
    if (request.status === 200 && answer.message) return;
    throw new Told(answer.message ?? "This file was not uploaded. Reload the page and try again; your answers are safe.");
  }

  async request(method, address, body, sent, headers = {}) {
    let mine;
    const request = await send(method, address, body, {
      headers,
      progress: (bytes) => { sent(bytes); this.show(this.total()); },
      started: (begun) => { mine = begun; this.requests.add(begun); },
    });
    this.requests.delete(mine);
    return request;
  }

  total() {
    return this.arrived + [...this.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  check() {
    if (this.cancelled) throw new Cancelled();
  }

  show(bytes, doing = "") {
    const percent = Math.min(100, Math.floor((bytes / this.file.size) * 100));
    this.bar.value = percent;
    this.says.textContent = doing ? `${doing}: ${percent}%` : `${percent}% of ${inWords(this.file.size)} is there`;
    if (!doing && percent >= 50 && this.told < 50) {
      this.told = 50;
      this.uploader.announce(`${this.file.name}: half of it is there.`);
    }
  }

  say(sentence) {
    this.says.textContent = sentence;
    this.uploader.announce(`${this.file.name}: ${sentence}`);
  }

  finished() {
    this.bar.hidden = this.cancel.hidden = true;
    this.line.classList.add("portal-upload--done");
    this.say("Uploaded, checked and kept.");
    this.uploader.refresh();
  }

  failed(error) {
    const final = error instanceof Told;
    this.bar.hidden = this.again.hidden = final;
    this.line.classList.add("portal-upload--failed");
    this.cancel.textContent = final ? "Close" : "Cancel";
    this.cancel.setAttribute("aria-label", `${this.cancel.textContent} ${this.file.name}`);
    this.say(error.message || "The line is broken, so this file is not uploaded yet. What has arrived is kept for three days: press “Try again”, or choose the same file another time.");
  }

  async giveUp() {
    this.cancelled = true;
    this.requests.forEach((request) => request.abort());
    this.line.remove();
    this.uploader.files.delete(this);
    this.uploader.announce(`${this.file.name}: taken off.`);
    this.uploader.field.focus();
    try { if (this.upload) await this.uploader.ask("DELETE", `/${this.upload}`); } catch { /* it is swept in time */ }
  }
}

/** The files of one question. */
class Uploader {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.field = box.querySelector("input[type=file]");
    this.token = this.form.elements.csrf_token?.value ?? "";
    this.largest = Number(box.dataset.largest);
    this.template = box.querySelector("template");
    this.list = box.querySelector("[data-uploads]");
    this.status = box.querySelector("[data-uploads-status]");
    this.files = new Set();
    this.reached = false;
    this.withForm = "withForm" in box.dataset;
    if (this.withForm) this.field.multiple = true; // without us the form sends one
    box.querySelectorAll("[data-without-script]").forEach((each) => { each.hidden = true; });
    box.querySelectorAll("[data-with-script]").forEach((each) => { each.hidden = false; });
    this.field.addEventListener("change", () => this.take());
    addEventListener("beforeunload", (event) => { if ([...this.files].some((each) => each.under)) event.preventDefault(); });
  }

  /** Let the form send its file by itself: this browser cannot reach the store. */
  leaveToForm() {
    this.left = true;
    this.field.multiple = false;
  }

  take() {
    if (this.left) return;
    const chosen = [...this.field.files].map((file) => new FileOnItsWay(this, file));
    this.field.value = "";
    chosen.forEach((each) => { this.files.add(each); each.run(); });
  }

  async ask(method, path, content) {
    let response;
    try {
      response = await fetch(this.box.dataset.uploader + path, {
        method, redirect: "manual", body: content && JSON.stringify(content),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.token },
      });
    } catch { throw new Broken(); }
    if (response.type === "opaqueredirect") {
      throw new Told("You have been signed out. Sign in again and choose the same file: only what is missing is sent.");
    }
    let answer = {};
    try { answer = await response.json(); } catch { /* no content, or a page */ }
    if (response.ok) return answer;
    if (response.status >= 500) throw new Broken(answer.message);
    if (path && [404, 409].includes(response.status)) throw new Again(answer.message);
    throw new Told(answer.message ?? "This file cannot be taken just now. Reload the page and try again.");
  }

  /** Read out, a moment later than the last: of several things said at once only the last would be heard. */
  announce(sentence) {
    this.saying = (this.saying ?? Promise.resolve()).then(() => {
      this.status.textContent = sentence;
      return new Promise((resolve) => { setTimeout(resolve, 500); });
    });
  }

  sayNotReached() {
    this.box.querySelector("[data-not-reached]").hidden = false;
  }

  /** Show the documents as the portal now lists them. */
  async refresh() {
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("documents");
      if (response.ok && fresh) document.getElementById("documents").replaceWith(fresh);
    } catch { /* the next page shows them */ }
  }
}

/** Fills in name, size and SHA-256 of a file that stays where it is. */
class Digest {
  constructor(box) {
    this.box = box;
    this.says = box.querySelector("[data-says]");
    const field = box.querySelector("input[type=file]");
    box.querySelector("[data-with-script]").hidden = false;
    field.addEventListener("change", () => { if (field.files[0]) this.fill(field.files[0]); });
  }

  async fill(file) {
    const put = (name, value) => { this.box.querySelector(`[name=${name}]`).value = value; };
    try {
      const sha256 = await sha256OfFile(file, (bytes) => {
        this.says.textContent = `Reading the file: ${Math.floor((bytes / file.size) * 100)}%`;
      });
      put("filename", file.name);
      put("size", file.size);
      put("sha256", sha256);
      this.says.textContent = `${file.name} is read: its fingerprint is filled in below. Nothing is uploaded yet.`;
    } catch {
      this.says.textContent = "This file cannot be read. Check that it is still there, and choose it again.";
    }
  }
}

document.querySelectorAll("[data-uploader]").forEach((box) => new Uploader(box));
document.querySelectorAll("[data-digest]").forEach((box) => new Digest(box));
