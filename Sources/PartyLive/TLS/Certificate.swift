import COpenSSL

/// Owns an `X509`: a certificate that was fetched and is not trusted.
@safe final class Certificate {
    /// A certificate has one or two kilobytes; a bundle of intermediates has a few of them.
    static let largest = 64 << 10
    private static let most = 8

    let pointer: OpaquePointer

    /// Takes the reference over.
    private init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_free(pointer)
    }

    /// The certificates in a response of an issuer's address: one in DER, which RFC 5280 asks for, a PKCS #7 bundle of them,
    /// which it allows, or PEM, which occurs. Empty if none can be read.
    static func all(in bytes: [UInt8]) -> [Certificate] {
        guard !bytes.isEmpty, bytes.count <= largest else { return [] }
        // Otherwise a later call would report the error of an unreadable certificate.
        defer { ERR_clear_error() }
        if let single = single(bytes) { return [single] }
        let bundle = bundle(bytes)
        return bundle.isEmpty ? pem(bytes) : bundle
    }

    private static func single(_ bytes: [UInt8]) -> Certificate? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe d2i_X509(nil, &start, buffer.count).map { unsafe Certificate($0) }
        }
    }

    private static func bundle(_ bytes: [UInt8]) -> [Certificate] {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let bundle = unsafe d2i_PKCS7(nil, &start, buffer.count) else { return [] }
            defer { unsafe PKCS7_free(bundle) }
            guard unsafe OBJ_obj2nid(bundle.pointee.type) == NID_pkcs7_signed,
                let list = unsafe bundle.pointee.d.sign?.pointee.cert
            else { return [] }
            let count = unsafe min(Int(OPENSSL_sk_num(list)), most)
            return (0..<max(0, count)).compactMap { index in
                guard let item = unsafe OPENSSL_sk_value(list, Int32(index)) else { return nil }
                unsafe X509_up_ref(OpaquePointer(item))
                return unsafe Certificate(OpaquePointer(item))
            }
        }
    }

    private static func pem(_ bytes: [UInt8]) -> [Certificate] {
        guard let source = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return [] }
        defer { unsafe BIO_free(source) }
        var found: [Certificate] = []
        while found.count < most, let next = unsafe PEM_read_bio_X509(source, nil, nil, nil) {
            unsafe found.append(Certificate(next))
        }
        return found
    }

    /// Whether this certificate is a link of a chain: it belongs to an authority that signed the other one, is valid now, and
    /// is not self-signed. A self-signed one could only be the end of a chain, and a server must not choose that.
    func isLink(to child: OpaquePointer) -> Bool {
        defer { ERR_clear_error() }
        guard unsafe X509_check_issued(pointer, child) == X509_V_OK, unsafe X509_check_ca(pointer) == 1, isCurrent,
            unsafe X509_NAME_cmp(X509_get_subject_name(pointer), X509_get_issuer_name(pointer)) != 0
        else { return false }
        return unsafe X509_verify(child, X509_get0_pubkey(pointer)) == 1
    }

    private var isCurrent: Bool {
        unsafe X509_cmp_current_time(X509_get0_notBefore(pointer)) < 0
            && X509_cmp_current_time(X509_get0_notAfter(pointer)) > 0
    }
}
