/**
 * What is done about ports that programs in the sandbox begin to listen on: forwarded, offered, or nothing.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { LOOPBACK, type PortsPlan } from "./plan_ports.ts";
import type { PortForwards } from "./port_forwards.ts";

/** Different ports that a person is told of in one run: a program that opens thousands is no server. */
const MAX_TOLD = 16;
/** As many as the agent reports. */
const MAX_PORTS = 64;

export class PortWatch {
  readonly #tool: string;
  readonly #plan: PortsPlan;
  readonly #forwards: Pick<PortForwards, "add" | "remove">;
  readonly #say: (message: string) => void;
  /** Ports of the sandbox that something leads to because they were noticed. */
  readonly #followed = new Set<number>();
  readonly #told = new Set<number>();

  constructor(
    tool: string,
    plan: PortsPlan,
    forwards: Pick<PortForwards, "add" | "remove">,
    say: (text: string) => void,
  ) {
    this.#tool = tool;
    this.#plan = plan;
    this.#forwards = forwards;
    this.#say = say;
  }

  /** Takes what the helper says: all ports that are listened on now. */
  listening(params: unknown): void {
    const given = (params as { ports?: unknown } | null)?.ports;
    if (!Array.isArray(given)) return;
    const ports = given.filter((port) => Number.isInteger(port) && port > 0 && port < 65_536).slice(0, MAX_PORTS);
    for (const port of this.#followed) {
      if (ports.includes(port)) continue;
      this.#followed.delete(port);
      this.#forwards.remove(port);
    }
    for (const port of ports) {
      if (this.#followed.has(port) || this.#plan.forwards.some(({ guestPort }) => guestPort === port)) continue;
      if (this.#plan.auto) this.#follow(port);
      else if (this.#plan.offer) {
        this.#tell(port, `port ${port} is open in the sandbox; silo config ports add ${this.#tool} ${port}`);
      }
    }
  }

  #follow(port: number): void {
    this.#followed.add(port);
    const forward = { address: LOOPBACK, hostPort: port, guestPort: port };
    try {
      this.#forwards.add(forward);
      this.#tell(port, `port ${port} of the sandbox is ${LOOPBACK}:${port} here`);
    } catch (error) {
      if (!(error instanceof SiloError)) throw error;
      const other = this.#forwards.add({ ...forward, hostPort: 0 });
      this.#tell(port, `port ${port} of the sandbox is ${LOOPBACK}:${other} here, for ${port} cannot be had`);
    }
  }

  #tell(port: number, message: string): void {
    if (!this.#plan.offer || this.#told.has(port) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(port);
    this.#say(message);
  }
}
