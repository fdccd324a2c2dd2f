#!/bin/bash
# Builds silo's QEMU; runs as root inside a Debian that is thrown away afterwards. /build has this directory as recipe/,
# and Debian's source package; the result goes to /build/out. Lines "I: …" are progress.
set -euo pipefail
exec 1>&2
cd /build
recipe=/build/recipe
out=/build/out

echo "I: unpack the source"
dpkg-source --no-copy -x qemu_*.dsc source >/dev/null
version=$(dpkg-parsechangelog -l source/debian/changelog -S Version)
cd source
cp "$recipe/silo.mak" configs/devices/x86_64-softmmu/silo.mak
shopt -s nullglob
for patch in "$recipe"/*.patch; do
  echo "I: apply ${patch##*/}"
  patch -p1 --batch --forward <"$patch"
done
for file in "$recipe"/*.[ch]; do cp "$file" accel/tcg/; done

# Static, so that nothing is loaded at a start. What Debian hardens its own packages by is kept: a position of its own in
# each process, guarded stacks, checked buffers, read-only relocations.
echo "I: configure"
mkdir "$out" ../objects
cd ../objects
../source/configure \
  --prefix=/usr/local --with-pkgversion="silo, from Debian $version" \
  --target-list=x86_64-softmmu --without-default-features \
  --without-default-devices --with-devices-x86_64=silo \
  --enable-system --enable-kvm --enable-tcg --enable-fdt=system --enable-virtfs --enable-attr --enable-cap-ng \
  --enable-seccomp --enable-avx2 --enable-malloc-trim --audio-drv-list= --block-drv-rw-whitelist=raw,file \
  --static --enable-pie --enable-stack-protector --disable-plugins --disable-debug-info --disable-install-blobs \
  --extra-cflags="-Wformat -Werror=format-security" --extra-ldflags="-Wl,-z,relro -Wl,-z,now" >configure.log ||
  { tail -n 20 configure.log; exit 1; }

echo "I: compile"
# Its lines are "[12/1073] Compiling …".
ninja qemu-system-x86_64 | sed -un 's/^\[\([0-9]*\)\/\([0-9]*\)\].*/I: compile \1 of \2/p; /^FAILED\|error:/p'

echo "I: collect"
install -D --strip qemu-system-x86_64 "$out/bin/qemu-system-x86_64"
firmware=$out/share/qemu
mkdir -p "$firmware"
cd /usr/share/qemu
cp kvmvapic.bin linuxboot_dma.bin pvh.bin "$firmware/"
# What Debian's QEMU finds under this name first; SeaBIOS has one of it, too.
cp qboot.rom "$firmware/bios-microvm.bin"
cp /usr/share/seabios/bios-256k.bin "$firmware/"
install -D -m 644 /build/source/debian/copyright "$out/share/doc/qemu/copyright"

# What is linked in, by the packages that it comes from.
libraries() {
  dpkg-query -W -f '"${source:Package}": "${source:Version}"\n' libattr1-dev libc6-dev libcap-ng-dev libfdt-dev \
    libglib2.0-dev libpcre2-dev libpixman-1-dev libseccomp-dev zlib1g-dev seabios | LC_ALL=C sort -u | paste -sd, -
}
sum=$(sha256sum "$out/bin/qemu-system-x86_64")
cat >"$out/share/silo-qemu.json" <<END
{
  "debian": "$version",
  "qemu": "$(cat /build/source/VERSION)",
  "sha256": "${sum%% *}",
  "libraries": {$(libraries)}
}
END
