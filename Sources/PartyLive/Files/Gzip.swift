internal import CZlib
internal import PartyCore

/// Writes one member of a gzip file (RFC 1952). A file is a sequence of members.
enum GzipMember {
    /// 15 bits of window, and 16 for a gzip frame around it.
    fileprivate static let windowBits: Int32 = 15 + 16

    /// - Throws: `CodecError` if there is no memory.
    static func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = Int32(unsafe MemoryLayout<z_stream>.size)
        guard
            unsafe deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { throw CodecError("no memory to compress with", at: 0) }
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, uLong(bytes.count))))
        let code = unsafe input.withUnsafeMutableBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                unsafe stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        guard code == Z_STREAM_END else { throw CodecError("compression failed (\(code))", at: 0) }
        return Array(output.prefix(Int(unsafe stream.total_out)))
    }
}

/// Decompresses gzip members incrementally, in pieces of bounded size. For one thread at a time.
@safe final class GzipReader {
    private let stream: UnsafeMutablePointer<z_stream>
    /// How many bytes have been taken in, and how many when the last member was whole.
    private(set) var consumed = 0
    private(set) var wholeEnd = 0
    /// Whether the input so far ends with a complete member.
    var isBetweenMembers: Bool { consumed == wholeEnd }

    private static let pieceSize = 64 << 10

    init() throws(CodecError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = Int32(unsafe MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, GzipMember.windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw CodecError("no memory to unpack with", at: 0)
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes from the front of `input` and returns what is in it: nothing only where more input is needed, or a member
    /// has just ended.
    /// - Throws: `CodecError` with the offset in the whole input, if it is not gzip.
    func unpack(_ input: inout ArraySlice<UInt8>) throws(CodecError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: Self.pieceSize)
        var piece = Array(input)
        let code = unsafe piece.withUnsafeMutableBytes { piece in
            unsafe output.withUnsafeMutableBytes { output in
                unsafe stream.pointee.next_in = piece.bindMemory(to: UInt8.self).baseAddress
                unsafe stream.pointee.avail_in = UInt32(piece.count)
                unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                return unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        let taken = piece.count - Int(unsafe stream.pointee.avail_in)
        consumed += taken
        input = input.dropFirst(taken)
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            wholeEnd = consumed
            unsafe inflateReset(stream)
        default: throw CodecError("not gzip", at: consumed)
        }
        return Array(output.prefix(output.count - Int(unsafe stream.pointee.avail_out)))
    }
}
