import CWebSockets
import Glibc

/// Memory that libwebsockets keeps pointers to. It is never freed, as the context lives as long as the process.
@safe struct LwsMemory {
    /// A timer of libwebsockets, and whom to wake: in this order, as libwebsockets hands back the address of the timer.
    @safe struct Alarm {
        var timer = unsafe lws_sorted_usec_list_t()
        var context: OpaquePointer?
    }

    /// Above 16 kB, a whole TLS record, and room for a large Authorization header.
    static let bufferSize = 65536

    let name = unsafe strdup("push")
    let protocols = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
    let noPings = UnsafeMutablePointer<lws_retry_bo_t>.allocate(capacity: 1)
    let alarm = UnsafeMutablePointer<Alarm>.allocate(capacity: 1)
    /// libwebsockets stores the pointer of a new connection here.
    let connecting = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)

    init() {
        // A zeroed entry ends the list.
        unsafe protocols.initialize(repeating: lws_protocols(), count: 2)
        unsafe protocols[0].name = UnsafePointer(name)
        unsafe protocols[0].callback = pushCallback
        unsafe protocols[0].rx_buffer_size = Self.bufferSize
        // Both times zero: the library above pings and judges.
        unsafe noPings.initialize(to: lws_retry_bo_t())
        unsafe alarm.initialize(to: Alarm())
        unsafe connecting.initialize(to: nil)
    }
}

/// Wakes lws_service, which calls this and would go back to sleep.
let ring: @convention(c) (UnsafeMutablePointer<lws_sorted_usec_list_t>?) -> Void = { timer in
    guard let timer = unsafe timer else { return }
    let alarm = unsafe UnsafeMutableRawPointer(timer).assumingMemoryBound(to: LwsMemory.Alarm.self)
    if let context = unsafe alarm.pointee.context {
        unsafe LwsLibrary.functions.lws_cancel_service(context)
    }
}

/// C strings for the time of a call.
@safe final class CStrings {
    private var copies: [UnsafeMutablePointer<CChar>] = unsafe []

    deinit {
        while let copy = unsafe copies.popLast() {
            unsafe free(copy)
        }
    }

    func copy(_ text: String) -> UnsafePointer<CChar>? {
        guard let copy = unsafe strdup(text) else { return nil }
        unsafe copies.append(copy)
        return unsafe UnsafePointer(copy)
    }
}
