/** A page in a headless Chromium, over the DevTools protocol: what it shows, asks for and complains about. */
import { join } from "node:path/posix";
import { until } from "./harness.ts";

/** How long Chromium may take to come up, or to answer. */
const LIMIT_MS = 60_000;

/** What a page did while it was shown. */
export interface Noise {
  /** Messages of the console, exceptions, and what was refused (by its own policy, for example). */
  readonly complaints: readonly string[];
  /** What was fetched but the page itself. */
  readonly requests: readonly string[];
}

export function chromiumIsMissing(): boolean {
  try {
    return !new Deno.Command("chromium", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return true;
  }
}

export class Page implements AsyncDisposable {
  readonly #browser: Deno.ChildProcess;
  readonly #directory: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #complaints: string[] = [];
  readonly #requests: string[] = [];
  #loaded = Promise.withResolvers<void>();
  #last = 0;

  private constructor(browser: Deno.ChildProcess, directory: string, socket: WebSocket) {
    this.#browser = browser;
    this.#directory = directory;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
  }

  static async open(): Promise<Page> {
    const directory = Deno.makeTempDirSync({ prefix: "silo-chromium-" });
    // Where users may not make namespaces of their own, its sandbox cannot be; the page is one that silo made.
    for (const flags of [[], ["--no-sandbox"]]) {
      const browser = spawn(directory, flags);
      const endpoint = await Promise.race([
        until("Chromium's port", () => endpointIn(directory), LIMIT_MS),
        browser.status.then(() => undefined),
      ]);
      if (endpoint !== undefined) return await connect(browser, directory, endpoint);
    }
    throw new Error("Chromium does not start here");
  }

  /** Shows a file as a screen of that many pixels does, and waits until it is there. */
  async show(path: string, width: number, height: number): Promise<void> {
    const isPhone = width < 600;
    await this.#ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: isPhone });
    this.#loaded = Promise.withResolvers();
    await this.#ask("Page.navigate", { url: `file://${path}` });
    await this.#loaded.promise;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#ask("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { value: unknown }).value;
  }

  /** The whole page as a PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.#ask("Page.captureScreenshot", { captureBeyondViewport: true });
    return Uint8Array.from(atob(data as string), (char) => char.charCodeAt(0));
  }

  get noise(): Noise {
    return { complaints: this.#complaints, requests: this.#requests };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    this.#browser.kill();
    await this.#browser.status;
    // Its children write a moment longer.
    await until("its directory is gone", () => {
      try {
        Deno.removeSync(this.#directory, { recursive: true });
        return true;
      } catch {
        return false;
      }
    }, LIMIT_MS);
  }

  /** @internal */
  static async begin(browser: Deno.ChildProcess, directory: string, socket: WebSocket): Promise<Page> {
    const page = new Page(browser, directory, socket);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.#ask(`${domain}.enable`, {});
    return page;
  }

  async #ask(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const timer = setTimeout(() => answer.reject(new Error(`Chromium does not answer ${method}`)), LIMIT_MS);
    return await answer.promise.finally(() => clearTimeout(timer));
  }

  #hear({ id, result, error, method, params }: Message): void {
    if (id !== undefined) {
      if (error) this.#answers.get(id)?.reject(new Error(error.message));
      else this.#answers.get(id)?.resolve(result ?? {});
      this.#answers.delete(id);
    } else if (method === "Page.loadEventFired") this.#loaded.resolve();
    else if (["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"].includes(method ?? "")) {
      this.#complaints.push(JSON.stringify(params));
    } else if (method === "Network.requestWillBeSent" && params?.type !== "Document") {
      this.#requests.push(String(params?.request?.url));
    }
  }
}

interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: { readonly type?: string; readonly request?: { readonly url: string } };
}

function spawn(directory: string, flags: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("chromium", {
    args: [
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${directory}`,
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      ...flags,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Chromium writes its port and the browser's path there when it listens. */
function endpointIn(directory: string): string | undefined {
  try {
    return Deno.readTextFileSync(join(directory, "DevToolsActivePort")).split("\n")[0];
  } catch {
    return undefined;
  }
}

async function connect(browser: Deno.ChildProcess, directory: string, port: string): Promise<Page> {
  const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const target = pages.find((it: { type: string }) => it.type === "page");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return await Page.begin(browser, directory, socket);
}
