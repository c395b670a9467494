import CCurl
import Dispatch
import PartyCore
import Synchronization

/// REST over libcurl: one thread, one multi handle, any number of requests at a time, connections kept between them.
final class CurlClient: Sendable {
    fileprivate enum Command: Sendable {
        case start(Int, CurlJob, PendingResult<RESTResponse>)
        case open(Int, TunnelJob, PendingResult<Tunnel>)
        case abandon(Int)
        case stop
    }

    private let commands = CommandQueue<Command>()
    private let lastNumber = Mutex(0)

    /// The thread loads libcurl first; the first request reports a failure of that.
    init() throws(TransportError) {
        try ServiceThread.start { [commands] in CurlWorker.serve(commands) }
    }

    deinit {
        commands.post(.stop)
    }

    func send(_ job: CurlJob) async throws(TransportError) -> RESTResponse {
        try await perform { number, answer in .start(number, job, answer) }
    }

    /// Opens a tunnel through a proxy; the caller owns it.
    func open(_ job: TunnelJob) async throws(TransportError) -> Tunnel {
        try await perform { number, answer in .open(number, job, answer) }
    }

    private func perform<Value: Sendable>(
        _ command: (Int, PendingResult<Value>) -> Command
    ) async throws(TransportError) -> Value {
        let number = lastNumber.withLock { number in
            number += 1
            return number
        }
        let answer = PendingResult<Value>()
        commands.post(command(number, answer))
        return try await answer.value { [commands] in commands.post(.abandon(number)) }
    }
}

/// A request or tunnel that curl performs, with its handle. It lives on the service thread.
protocol CurlExchange: AnyObject {
    var handle: CurlHandle { get }
    /// curl has ended it with this code.
    func finish(_ code: CURLcode)
    /// It is not performed.
    func fail(_ error: TransportError)
}

/// The thread's side: all that touches curl.
private final class CurlWorker {
    private let multi: CurlMulti
    private let commands: CommandQueue<CurlClient.Command>
    private var exchanges: [Int: any CurlExchange] = [:]

    private init(_ multi: CurlMulti, _ commands: CommandQueue<CurlClient.Command>) {
        self.multi = multi
        self.commands = commands
    }

    static func serve(_ commands: CommandQueue<CurlClient.Command>) {
        do throws(TransportError) {
            let multi = try CurlMulti()
            commands.setWake { multi.wake() }
            CurlWorker(multi, commands).run()
        } catch {
            refuse(commands, error)
        }
    }

    /// Answers every request with that error.
    private static func refuse(_ commands: CommandQueue<CurlClient.Command>, _ error: TransportError) {
        // From zero: a semaphore that is freed below the value it began with traps.
        let posted = DispatchSemaphore(value: 0)
        commands.setWake { posted.signal() }
        posted.signal()
        while true {
            posted.wait()
            for command in commands.take() {
                switch command {
                case .start(_, _, let answer): answer.fail(error)
                case .open(_, _, let answer): answer.fail(error)
                case .abandon: break
                case .stop: return
                }
            }
        }
    }

    private func run() {
        var pause = PollPause()
        var isRefused = false
        while obeyed() {
            do throws(TransportError) {
                try multi.perform()
                while let finished = unsafe multi.nextFinished() {
                    unsafe finish(finished.handle, finished.code)
                }
                try multi.wait()
                isRefused = false
            } catch {
                failAll(error)
                isRefused = true
            }
            guard pause.mayGoOn(afterRefusal: isRefused) else { break }
        }
        commands.setWake(nil)
        // After a stop there are no more requests. After a refusal each further request gets this error.
        if isRefused { Self.refuse(commands, TransportError(.exhausted, .preparing, "libcurl can wait for nothing")) }
    }

    /// Executes the commands that wait; false after `stop`.
    private func obeyed() -> Bool {
        for command in commands.take() {
            switch command {
            case .start(let number, let job, let answer):
                start(number, answer) { () throws(TransportError) in try CurlTransfer(job, answer: answer) }
            case .open(let number, let job, let answer):
                start(number, answer) { () throws(TransportError) in try CurlTunnel(job, answer: answer) }
            case .abandon(let number):
                if let exchange = exchanges.removeValue(forKey: number) {
                    multi.remove(exchange.handle)
                }
            case .stop:
                failAll(TransportError(.cancelled, .exchange, "stopped"))
                return false
            }
        }
        return true
    }

    private func start<Value>(
        _ number: Int, _ answer: PendingResult<Value>, _ make: () throws(TransportError) -> any CurlExchange
    ) {
        do throws(TransportError) {
            let exchange = try make()
            try multi.add(exchange.handle)
            exchanges[number] = exchange
        } catch {
            answer.fail(error)
        }
    }

    private func finish(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let found = exchanges.first(where: { unsafe $0.value.handle.pointer == handle }) else { return }
        exchanges[found.key] = nil
        // The result first: removing the handle can take time.
        found.value.finish(code)
        multi.remove(found.value.handle)
    }

    private func failAll(_ error: TransportError) {
        for exchange in exchanges.values {
            exchange.fail(error)
            multi.remove(exchange.handle)
        }
        exchanges.removeAll()
    }
}
