internal import Dispatch
internal import Glibc
import PartyCore
import PartyLive

/// Reads a file, pipe or terminal in pieces on a separate thread, so that a read can be cancelled.
final class DescriptorReader: Sendable {
    private let descriptor: Int32
    /// The name for error messages: `standard input`, or a path.
    private let name: String
    private let isOwned: Bool
    private let queue = DispatchQueue(label: "psparty.input")
    private static let pieceSize = 1 << 16

    /// - Parameter isOwned: whether to close the descriptor on deinit.
    init(_ descriptor: Int32, name: String, isOwned: Bool = false) {
        self.descriptor = descriptor
        self.name = name
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// The next bytes, at most 64 kB; `nil` at the end.
    func piece() async throws(PartyError) -> [UInt8]? {
        let stop = OneShotEvent()
        let result: Result<[UInt8]?, PartyError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: self.read(until: stop)) }
            }
        } onCancel: {
            stop.set()
        }
        return try result.get()
    }

    private func read(until stop: OneShotEvent) -> Result<[UInt8]?, PartyError> {
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        while !stop.isSet {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, 100) != 0 else { continue }
            let count = unsafe piece.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else {
                return .failure(PartyError(.storage, "cannot read \(name): \(errorText(errno))", step: "input"))
            }
            return .success(count == 0 ? nil : Array(piece[..<count]))
        }
        return .failure(PartyError(.cancelled, "cancelled", step: "input"))
    }
}
