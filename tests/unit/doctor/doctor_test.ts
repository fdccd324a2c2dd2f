import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { renderFindings } from "../../../src/cli/commands/doctor.ts";
import { wantsColour } from "../../../src/cli/style.ts";
import { isHealthy } from "../../../src/doctor/check.ts";
import { checkRunDirectory, checkSiloHome, checkTools } from "../../../src/doctor/check_files.ts";
import { checkHelper, explain } from "../../../src/doctor/check_helper.ts";
import { fakeHelper, fakeHost, temporaryDirectory } from "../support.ts";

const probe = {
  accelerator: "tcg" as const,
  accelerators: [{ name: "kvm", usable: false, reason: "no vmx\u001b[2J" }, { name: "tcg", usable: true, reason: "" }],
  hypervisor: { name: "qemu", version: "7.2" },
  jail: [{ layer: "seccomp", active: true, reason: "" }, { layer: "bubblewrap", active: false, reason: "not there" }],
};

Deno.test("software emulation is a note with its reason, not a failure", () => {
  const findings = explain(probe);
  const virtualization = findings.find((finding) => finding.name === "virtualization")!;
  eq(virtualization.status, "note");
  match(virtualization.detail, /emulation.*kvm does not work: no vmx\ufffd\[2J/);
  ok(isHealthy(findings));
  eq(explain({ ...probe, accelerator: "kvm" }).find((finding) => finding.name === "virtualization")!.status, "ok");
});

Deno.test("whose hypervisor it is stands beside its version", () => {
  eq(explain(probe)[0]!.detail, "qemu 7.2");
  eq(explain(probe, "silo's own\u001b")[0]!.detail, "qemu 7.2, silo's own\ufffd");
});

Deno.test("every layer of the jail is shown, on or off and why", () => {
  same(explain(probe).filter(({ name }) => name.startsWith("jail")).map(({ status, detail }) => [status, detail]), [
    ["ok", "on"],
    ["note", "off; not there"],
  ]);
});

Deno.test("the table has a mark, how to mend it, and colours only where they are wanted", () => {
  const findings = [
    { name: "a", status: "ok" as const, detail: "fine" },
    { name: "long", status: "fail" as const, detail: "broken", fix: "mend it" },
  ];
  eq(renderFindings(findings, false), "✓  a     fine\n✗  long  broken\n     → mend it\n");
  ok(renderFindings(findings, true).startsWith("\x1b[32m✓\x1b[0m  a"));
  eq(isHealthy(findings), false);
  const terminals = { stdin: true, stdout: true, stderr: true };
  eq(wantsColour(fakeHost({ terminals })), true);
  eq(wantsColour(fakeHost({ terminals, env: { NO_COLOR: "1" } })), false);
  eq(wantsColour(fakeHost()), false);
});

Deno.test("a finding is one line where there is no terminal, whatever its length and whoever said it", () => {
  const long = "a reason of many words ".repeat(20).trim();
  const findings = [
    { name: "a", status: "note" as const, detail: long, fix: `${long} to mend` },
    { name: "b", status: "fail" as const, detail: "first\n  second\n" },
  ];
  eq(renderFindings(findings, false), `•  a  ${long}\n     → ${long} to mend\n✗  b  first; second\n`);
  ok(renderFindings(findings, false, 60).split("\n").every((line) => line.length <= 60));
});

Deno.test("the helper is asked who it is and what it has", async () => {
  using directory = temporaryDirectory();
  const helper = fakeHelper(directory.path, "normal").path;
  const findings = await checkHelper(
    fakeHost({ env: { SILO_HELPER: helper, SILO_QEMU: "/q", PATH: "/bin" } }),
    undefined,
  );
  eq(findings[0]!.status, "ok");
  eq(findings[1]!.status, "fail"); // the fake one knows no hypervisor
});

Deno.test("a helper that is missing, or of another version, is a failure with its remedy", async () => {
  const [missing] = await checkHelper(fakeHost({ env: { SILO_HELPER: "/none" } }), undefined);
  eq(missing!.status, "fail");
  match(missing!.fix!, /SILO_HELPER/);
  using directory = temporaryDirectory();
  const helper = fakeHelper(directory.path, "old").path;
  const [old] = await checkHelper(fakeHost({ env: { SILO_HELPER: helper, PATH: "/bin" } }), undefined);
  match(old!.detail, /1\.0.*9\.0/);
});

Deno.test("the silo home, the run directory and the tools are looked at", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: `${directory.path}/home`, env: { XDG_RUNTIME_DIR: directory.path } });
  eq(checkSiloHome(host).status, "ok");
  eq((await checkRunDirectory(host)).status, "ok");
  match(checkTools(host)[0]!.fix!, /silo install/);
});
