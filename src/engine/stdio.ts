/**
 * silo's own stdin, stdout and stderr as sources and sinks of a run.
 *
 * @module
 */
import type { ByteSink, ByteSource, RunIo } from "./backend.ts";

/** How long to wait when a stream that another program made non-blocking is not ready, in milliseconds. */
const NOT_READY_MS = 5;

/** The streams of this process. */
export function processIo(): RunIo {
  return { stdin: patientSource(Deno.stdin), stdout: patientSink(Deno.stdout), stderr: patientSink(Deno.stderr) };
}

/** A source that waits where a non-blocking descriptor answers "would block". */
export function patientSource(source: ByteSource): ByteSource {
  return { read: (buffer) => patiently(() => source.read(buffer)) };
}

/** A sink that waits where a non-blocking descriptor answers "would block". */
export function patientSink(sink: ByteSink): ByteSink {
  return { write: (data) => patiently(() => sink.write(data)) };
}

async function patiently<T>(action: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, NOT_READY_MS));
    }
  }
}
