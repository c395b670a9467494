import PartyCore

/// The functions of a C library that is loaded when it is first needed.
///
/// Invariant that makes it Sendable: it is filled before it is shared, and never changes or goes away.
@safe struct FunctionTable<Functions>: @unchecked Sendable {
    let pointer: UnsafePointer<Functions>

    /// The functions by their names.
    var functions: Functions { unsafe pointer.pointee }

    /// - Parameter load: loads the library and fills the table; returns an error text, or `nil`.
    /// - Throws: `.unusable` with that text.
    init(
        of library: String, _ empty: Functions, load: (UnsafeMutablePointer<Functions>) -> UnsafePointer<CChar>?
    ) throws(TransportError) {
        let table = UnsafeMutablePointer<Functions>.allocate(capacity: 1)
        unsafe table.initialize(to: empty)
        if let problem = unsafe load(table) {
            let text = unsafe String(cString: problem)
            unsafe table.deallocate()
            // Without descriptors the loader's error names the library that it could not open.
            let kind: TransportError.Kind = Descriptors.areUsedUp ? .exhausted : .unusable
            throw TransportError(kind, .preparing, "\(library) cannot be loaded: \(text)")
        }
        unsafe pointer = UnsafePointer(table)
    }
}
