/**
 * Taking the kernel proper out of a bzImage.
 *
 * QEMU boots an uncompressed ELF kernel by its PVH entry; under software emulation that saves the seconds that the
 * image takes to decompress itself.
 *
 * @see {@link https://docs.kernel.org/arch/x86/boot.html | The Linux/x86 boot protocol}
 * @module
 */
import { SiloError } from "../errors.ts";
import { decompress, methodOf } from "./decompress.ts";

const SETUP_SECTS = 0x1f1;
const HEADER_MAGIC = 0x202;
const VERSION = 0x206;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR_BYTES = 512;
/** payload_offset and payload_length came with this version of the protocol. */
const OLDEST_VERSION = 0x0208;

/**
 * The ELF kernel inside a bzImage.
 *
 * @throws {SiloError} if `image` is no bzImage, or its payload is damaged or not ELF.
 */
export async function extractVmlinux(image: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const kernel = await decompress(payloadOf(image), "the kernel");
  if (kernel[0] !== 0x7f || kernel[1] !== 0x45 || kernel[2] !== 0x4c || kernel[3] !== 0x46) {
    throw new SiloError("could not unpack the kernel: what the bzImage holds is no ELF file");
  }
  return kernel;
}

/** The compressed kernel inside a bzImage, without the length that the kernel's build appends to it. */
export function payloadOf(image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const isKernel = image.length > 0x260 && view.getUint32(HEADER_MAGIC, false) === 0x48647253; // "HdrS"
  if (!isKernel || view.getUint16(VERSION, true) < OLDEST_VERSION) {
    throw new SiloError("could not unpack the kernel: it is no bzImage of boot protocol 2.08 or newer");
  }
  const setupSectors = image[SETUP_SECTS] || 4;
  const start = (setupSectors + 1) * SECTOR_BYTES + view.getUint32(PAYLOAD_OFFSET, true);
  const end = start + view.getUint32(PAYLOAD_LENGTH, true);
  if (end > image.length || end - start < 8) {
    throw new SiloError("could not unpack the kernel: the bzImage is truncated");
  }
  const payload = image.subarray(start, end);
  // gzip has its length in its own trailer; for the others the build appends four bytes, which xz takes for damage.
  return methodOf(payload) === "gzip" ? payload : payload.subarray(0, -4);
}
