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
    unsafe transfer(me)?.take(header: line)
    return line.count
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
