"""large_files.py MIB NODES: bomb.pt2 (MIB of zeros), values.pt2 (2^24 and more JSON values), bomb.npz, bomb.png, and
chain.onnx of NODES operators that nobody knows."""
import struct
import sys
import zipfile
import zlib

MIB, NODES = int(sys.argv[1]), int(sys.argv[2])


def archive(name, entries):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for entry, pieces in entries:
            with z.open(entry, "w", force_zip64=True) as f:
                for piece in pieces:
                    f.write(piece)


def program(pieces):
    parts = {"archive_format": b"pt2", "archive_version": b"0", "byteorder": b"little"}
    return [(f"m/{k}", [v]) for k, v in parts.items()] + [("m/models/model.json", pieces)]


zeros = [bytes(1 << 20)] * MIB
archive("bomb.pt2", program(zeros))
archive("values.pt2", program([b'{"a":['] + [b"0," * (1 << 19)] * 33 + [b"0]}"]))
header = ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, %d, 1024), }" % (MIB * 256)).ljust(117) + "\n"
archive("bomb.npz", [("x.npy", [b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode()] + zeros)])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


packer = zlib.compressobj()
rows = b"".join(packer.compress(bytes(1 + 3 * 4096)) for _ in range(MIB * 256 // 3)) + packer.flush()
size = struct.pack(">IIBBBBB", 4096, MIB * 256 // 3, 8, 2, 0, 0, 0)
with open("bomb.png", "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


# Protobuf by hand (onnx.proto3): varints, and fields of bytes.
def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def value(name):  # an f32 of shape [4]
    return field(1, name) + field(2, field(1, varint(8) + varint(1) + field(2, field(1, varint(8) + varint(4)))))


def name(i):
    return b"x" if i == 0 else b"y" if i == NODES else b"v%d" % i


nodes = b"".join(field(1, field(1, name(i)) + field(2, name(i + 1)) + field(4, b"NoSuchOp")) for i in range(NODES))
graph = nodes + field(2, b"g") + field(11, value(b"x")) + field(12, value(b"y"))
with open("chain.onnx", "wb") as f:
    f.write(varint(8) + varint(8) + field(7, graph) + field(8, varint(16) + varint(17)))
