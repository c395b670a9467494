import Glibc

/// A dedicated thread for blocking work, which must not run on the cooperative pool.
struct Thread: Sendable {
    private let id: pthread_t

    /// Carries the work into the C start routine.
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    init?(_ body: @escaping @Sendable () -> Void) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var id = pthread_t()
        let status = unsafe pthread_create(
            &id, nil,
            { pointer in
                // Only the main thread handles signals. With SIGPIPE blocked, writes fail with EPIPE, also inside OpenSSL.
                var signals = sigset_t()
                unsafe sigfillset(&signals)
                unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
                if let pointer = unsafe pointer {
                    unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
                }
                return nil
            }, unsafe work.toOpaque())
        guard status == 0 else {
            unsafe work.release()
            return nil
        }
        self.id = id
    }

    func join() { pthread_join(id, nil) }
}
