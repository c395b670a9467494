import CCurl

// C function pointers capture nothing: the transfer comes back out of the pointer that curl hands on.

private func transfer(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer? {
    unsafe pointer.map { unsafe Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

let takeBody: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, me in
    let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    // Another number than the one given ends the transfer (CURLOPT_WRITEFUNCTION(3)).
    return unsafe transfer(me)?.take(body: chunk) == true ? chunk.count : Int(CURL_WRITEFUNC_ERROR)
}

let takeHeader: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, me in
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer(me)?.take(header: line) == true ? line.count : Int(CURL_WRITEFUNC_ERROR)
}

let beforeRequest:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int32, Int32
    ) -> Int32 = { me, _, _, _, _ in
        unsafe transfer(me)?.mayBeIssued() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

let trustOurs:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> CURLcode = {
        _, context, me in
        guard let transfer = unsafe transfer(me), let context = unsafe context else { return CURLE_SSL_CERTPROBLEM }
        unsafe transfer.setUpTLS(OpaquePointer(context))
        return CURLE_OK
    }

let trustProxy:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> CURLcode = {
        _, context, me in
        guard let me = unsafe me, let context = unsafe context else { return CURLE_SSL_CERTPROBLEM }
        unsafe Unmanaged<CurlTunnel>.fromOpaque(me).takeUnretainedValue().setUpTLS(OpaquePointer(context))
        return CURLE_OK
    }

/// Other than zero ends the transfer.
let endUnwanted: @convention(c) (UnsafeMutableRawPointer?, Int, Int, Int, Int) -> Int32 = { me, _, _, _, _ in
    guard let me = unsafe me else { return 0 }
    return unsafe Unmanaged<ProxyRelay>.fromOpaque(me).takeUnretainedValue().isUnwanted ? 1 : 0
}

/// In place of curl's own call of socket(2), which comes before each connect, with the address it will go to: no second look
/// at the name system can lead elsewhere.
let openPublicSocket: @convention(c) (UnsafeMutableRawPointer?, UInt32, UnsafeMutableRawPointer?) -> Int32 = {
    me, _, place in
    guard let transfer = unsafe transfer(me), let place = unsafe place else { return CURL_SOCKET_BAD }
    // struct curl_sockaddr: family, type, protocol, length, and from 16 on the address.
    guard unsafe transfer.mayConnect(to: place + 16) else { return CURL_SOCKET_BAD }
    return unsafe openSocket(
        family: place.load(as: Int32.self), kind: place.load(fromByteOffset: 4, as: Int32.self),
        protocol: place.load(fromByteOffset: 8, as: Int32.self))
}
