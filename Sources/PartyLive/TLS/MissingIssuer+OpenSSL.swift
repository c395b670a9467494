import COpenSSL
import PartyCore

extension MissingIssuer {
    /// - Parameter chain: the `X509_STORE_CTX` of a chain that OpenSSL has just refused.
    /// - Returns: `nil` if the chain was refused for another reason.
    init?(of chain: OpaquePointer, at target: TargetURL) {
        let reasons = [
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
        ]
        guard unsafe reasons.contains(X509_STORE_CTX_get_error(chain)),
            let certificate = unsafe X509_STORE_CTX_get_current_cert(chain),
            let issuer = unsafe X509_get_issuer_name(certificate)
        else { return nil }
        self.init(
            name: unsafe Self.text(issuer),
            addresses: unsafe Self.addresses(in: certificate).filter(Self.isWebAddress).prefix(2).map(\.self),
            key: unsafe Self.digest(issuer), isOfThisMachine: target.isLoopback)
    }

    /// Where it leads is judged when it is connected to.
    static func isWebAddress(_ address: String) -> Bool {
        guard let place = try? TargetURL(address) else { return false }
        return place.scheme == .http || place.scheme == .https
    }

    private static func text(_ name: OpaquePointer) -> String {
        guard let sink = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(sink) }
        unsafe X509_NAME_print_ex(sink, name, 0, party_name_style)
        var bytes = [UInt8](repeating: 0, count: 800)
        let count = unsafe BIO_read(sink, &bytes, Int32(bytes.count))
        return String(String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self).prefix(200))
    }

    private static func digest(_ name: OpaquePointer) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard unsafe X509_NAME_digest(name, EVP_sha256(), &bytes, &count) == 1 else { return "" }
        let digits = Array("0123456789abcdef")
        return String(bytes.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// All addresses of the issuer, in the certificate's order.
    private static func addresses(in certificate: OpaquePointer) -> [String] {
        guard let extensions = unsafe X509_get_ext_d2i(certificate, NID_info_access, nil, nil) else { return [] }
        let list = OpaquePointer(extensions)
        defer { unsafe AUTHORITY_INFO_ACCESS_free(list) }
        let count = unsafe OPENSSL_sk_num(list)
        return (0..<max(0, count)).compactMap { index in
            guard let item = unsafe OPENSSL_sk_value(list, index) else { return nil }
            let access = unsafe item.assumingMemoryBound(to: ACCESS_DESCRIPTION.self)
            guard unsafe OBJ_obj2nid(access.pointee.method) == NID_ad_ca_issuers,
                let place = unsafe access.pointee.location, unsafe place.pointee.type == GEN_URI,
                let text = unsafe place.pointee.d.uniformResourceIdentifier,
                let bytes = unsafe ASN1_STRING_get0_data(text)
            else { return nil }
            let count = unsafe Int(ASN1_STRING_length(text))
            return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }
}
