/**
 * Which ports of the sandbox are reached from the host, and where. Pure.
 *
 * @module
 */
import type { PortSetting } from "../../config/config.ts";
import { SiloError } from "../../errors.ts";

/** A port of the host that leads to one of the sandbox. */
export interface PortForward {
  /** An address of the host, as it is bound. */
  readonly address: string;
  readonly hostPort: number;
  readonly guestPort: number;
}

export interface PortsPlan {
  readonly forwards: readonly PortForward[];
  /** Every port that the sandbox listens on is forwarded. */
  readonly auto: boolean;
  /** The person is told of ports that nothing leads to. */
  readonly offer: boolean;
}

export const NO_PORTS: PortsPlan = { forwards: [], auto: false, offer: false };

/** Nobody else on the network can connect to it. */
export const LOOPBACK = "127.0.0.1";

/**
 * Reads the settings; of two for the same port of the host the last one counts.
 *
 * @throws {SiloError} that names the one which is wrong.
 */
export function planPorts(settings: readonly PortSetting[], offer: boolean): PortsPlan {
  const forwards = settings.filter((setting) => setting !== "auto").map(parseForward);
  const byPlace = new Map(forwards.map((forward) => [`${forward.address} ${forward.hostPort}`, forward]));
  return { forwards: [...byPlace.values()], auto: settings.includes("auto"), offer };
}

/**
 * Reads `5173`, `8080:80` (host:sandbox), or either with an address of the host before it.
 *
 * @throws {SiloError}
 */
export function parseForward(setting: PortSetting): PortForward {
  const text = String(setting);
  const found = /^(?:(\d+(?:\.\d+){3}|\[[\da-fA-F:.]+\]):)?(\d{1,5})(?::(\d{1,5}))?$/.exec(text);
  const [hostPort, guestPort] = [Number(found?.[2]), Number(found?.[3] ?? found?.[2])];
  if (found === null || ![hostPort, guestPort].every((port) => port >= 1 && port <= 65_535)) {
    throw new SiloError(`could not understand the port ${JSON.stringify(setting)}`, {
      hint: `Examples: 5173, "8080:80" (host:sandbox), "0.0.0.0:8080:80" (for everyone who reaches this machine).`,
    });
  }
  return { address: found[1]?.replaceAll(/[[\]]/g, "") ?? LOOPBACK, hostPort, guestPort };
}
