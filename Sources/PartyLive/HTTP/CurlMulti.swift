import CCurl
import PartyCore

/// Owns a curl multi handle: many transfers on one thread, and the connections they share.
///
/// Invariant that makes it Sendable: the handle is set once, and all but `wake` is called on one service thread alone;
/// `wake` is curl_multi_wakeup, the one function of the interface that is safe from every thread while the handle lives
/// (curl_multi_wakeup(3)), and holding this object keeps the handle alive.
@safe final class CurlMulti: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer
    private let curl: CurlLibrary

    init() throws(TransportError) {
        curl = try CurlLibrary.loaded()
        guard let multi = curl.functions.curl_multi_init() else {
            throw TransportError(.unusable, .preparing, "libcurl does not start")
        }
        unsafe pointer = multi
        // Without free descriptors it is made without a way to wake it: a request would wait forever.
        guard unsafe curl.functions.curl_multi_wakeup(pointer) == CURLM_OK else {
            throw TransportError(.exhausted, .preparing, "libcurl does not start: it gets no file descriptors")
        }
    }

    deinit {
        _ = unsafe curl.functions.curl_multi_cleanup(pointer)
    }

    func wake() {
        _ = unsafe curl.functions.curl_multi_wakeup(pointer)
    }

    func add(_ handle: CurlHandle) throws(TransportError) {
        try check(unsafe curl.functions.curl_multi_add_handle(pointer, handle.pointer))
    }

    func remove(_ handle: CurlHandle) {
        _ = unsafe curl.functions.curl_multi_remove_handle(pointer, handle.pointer)
    }

    /// Moves every transfer on as far as it goes without waiting.
    func perform() throws(TransportError) {
        var running: Int32 = 0
        try check(unsafe curl.functions.curl_multi_perform(pointer, &running))
    }

    /// Sleeps until a transfer can go on, a timer of curl is due, or `wake`.
    func wait() throws(TransportError) {
        try check(unsafe curl.functions.curl_multi_poll(pointer, nil, 0, Int32.max, nil))
    }

    /// The next transfer that has come to its end, by its handle, and how.
    func nextFinished() -> (handle: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl.functions.curl_multi_info_read(pointer, &left) {
            if unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle {
                return unsafe (handle, message.pointee.data.result)
            }
        }
        return nil
    }

    private func check(_ code: CURLMcode) throws(TransportError) {
        if code != CURLM_OK {
            throw TransportError(.brokenOff, .exchange, curl.text(code))
        }
    }
}
