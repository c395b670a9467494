import Foundation
import Testing

extension EndToEndTests {
    /// What the kernel and the dynamic loader read of a program: the values of elf.h.
    struct ELF {
        private enum Value {
            static let positionIndependent = 3  // ET_DYN
            static let (dynamic, stack, readOnlyAfterRelocation) = (2, 0x6474_E551, 0x6474_E552)  // PT_…
            static let (flags, flags1) = (30, 0x6FFF_FFFB)  // DT_…
            static let (bindNow, now, isProgram) = (8, 1, 0x0800_0000)  // DF_BIND_NOW, DF_1_NOW, DF_1_PIE
            static let executable = 1  // PF_X
        }

        let bytes: [UInt8]

        init(_ path: String) throws {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
            try #require(bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), "a 64-bit little-endian program")
        }

        private func number(_ offset: Int, _ size: Int) -> Int {
            bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
        }

        private struct Segment {
            let type, flags, offset, size: Int
        }

        private var segments: [Segment] {
            let (start, size, count) = (number(32, 8), number(54, 2), number(56, 2))
            return (0..<count).map { index in
                let at = start + index * size
                return Segment(
                    type: number(at, 4), flags: number(at + 4, 4), offset: number(at + 8, 8), size: number(at + 32, 8))
            }
        }

        private func dynamicFlags(_ tag: Int) -> Int {
            guard let table = segments.first(where: { $0.type == Value.dynamic }) else { return 0 }
            let entries = stride(from: table.offset, to: table.offset + table.size, by: 16)
            return entries.first { number($0, 8) == tag }.map { number($0 + 8, 8) } ?? 0
        }

        var isPositionIndependent: Bool {
            number(16, 2) == Value.positionIndependent && dynamicFlags(Value.flags1) & Value.isProgram != 0
        }
        var hasFullRELRO: Bool {
            segments.contains { $0.type == Value.readOnlyAfterRelocation }
                && dynamicFlags(Value.flags) & Value.bindNow != 0 && dynamicFlags(Value.flags1) & Value.now != 0
        }
        var hasExecutableStack: Bool {
            segments.first { $0.type == Value.stack }.map { $0.flags & Value.executable != 0 } ?? true
        }
        var hasStackProtector: Bool { Data(bytes).range(of: Data("__stack_chk_fail\0".utf8)) != nil }
    }

    /// The programs as `make` builds them; a debug build has other flags.
    @Suite(.enabled(if: ProcessInfo.processInfo.environment["PSPARTY_PROGRAMS"]?.isEmpty == false))
    struct HardeningTests {
        @Test(arguments: [Lab.psparty, Lab.simulator])
        func `a release program has ASLR, full RELRO, a stack without code and stack protectors`(path: String) throws {
            let program = try ELF(path)
            #expect(program.isPositionIndependent)
            #expect(program.hasFullRELRO)
            #expect(!program.hasExecutableStack)
            #expect(program.hasStackProtector)
        }
    }
}
