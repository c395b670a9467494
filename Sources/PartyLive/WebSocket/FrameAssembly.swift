import PartyCore

/// Joins the fragments of messages, up to a limit.
struct FrameAssembly {
    private let limit: Int
    private var bytes: [UInt8] = []
    private var total = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// The message that this fragment completes; `nil` if more fragments follow.
    mutating func take(_ fragment: UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool) -> PushArrival? {
        if isFirst {
            bytes = []
            total = 0
        }
        total += fragment.count
        if total > limit {
            bytes = []
        } else if isFirst && isLast {
            return .frame(unsafe [UInt8](fragment))
        } else {
            unsafe bytes.append(contentsOf: fragment)
        }
        guard isLast else { return nil }
        defer { bytes = [] }
        return total > limit ? .oversized(total) : .frame(bytes)
    }
}
