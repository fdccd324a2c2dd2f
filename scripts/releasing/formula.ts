/**
 * The Homebrew formula of a release.
 *
 * @module
 */

export interface FormulaInput {
  readonly version: string;
  /** Where the archives are, without a slash at the end. */
  readonly url: string;
  /** SHA-256 of each archive by the name of its target; those that are not there are left out. */
  readonly sums: Readonly<Record<string, string>>;
}

interface Block {
  readonly target: string;
  readonly os: string;
  readonly cpu: string;
  /** What brew refuses to do without, before it downloads. */
  readonly needs: readonly string[];
}

/** Each target's place in the formula's language. macOS 26 is Tahoe. */
const BLOCKS: readonly Block[] = [
  { target: "macos-arm64", os: "on_macos", cpu: "on_arm", needs: ["arch: :arm64", "macos: :tahoe"] },
  { target: "linux-x86_64", os: "on_linux", cpu: "on_intel", needs: [] },
  { target: "linux-arm64", os: "on_linux", cpu: "on_arm", needs: [] },
];

/** The formula's text. A keg is a prefix: bin/, libexec/silo/ and share/ stay side by side. */
export function formula({ version, url, sums }: FormulaInput): string {
  const blocks = BLOCKS.filter(({ target }) => sums[target] !== undefined).map(({ target, os, cpu, needs }) => `
  ${os} do
${needs.map((need) => `    depends_on ${need}\n`).join("")}    ${cpu} do
      url "${url}/silo-${version}-${target}.tar.gz"
      sha256 "${sums[target]}"
    end
  end
`);
  return `# typed: strict
# frozen_string_literal: true

# Runs dev tools in throw-away micro-VMs.
class Silo < Formula
  desc "Run dev tools in fresh, throw-away micro-VMs"
  homepage "${url.replace(/\/releases\/.*/, "")}"
  version "${version}"
  license "Apache-2.0"
${blocks.join("")}
  def install
    prefix.install Dir["*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/silo --version")
    system libexec/"silo/silo-helper", "--version"
  end
end
`;
}
