import PartyTestSupport

/// A running `listen` and its lines.
struct PrintingListener: Sendable {
    let program: RunningProgram
    let lines = Tape<JSON>()

    init(_ lab: Lab, variables: [String: String] = [:]) throws {
        program = try lab.start(["listen", "--lifecycle"], variables: variables)
        Task { [program, lines] in
            while let text = try? await program.line(.seconds(120)) {
                // A killed process may leave half a line.
                if let line = try? JSON(text) { lines.append(line) }
            }
            lines.end()
        }
    }

    var numbers: [Int] { lines.all.compactMap { $0["data"]["number"].int } }
    var types: [String] { lines.all.compactMap { $0["type"].string } }

    func tells(_ type: String, times: Int = 1) async throws {
        try await eventually(.seconds(20), "\(times) \(type), so far \(types)") {
            types.count { $0 == type } >= times
        }
    }

    func tells(number: Int) async throws {
        try await eventually(.seconds(20), "number \(number), so far \(types)") { numbers.contains(number) }
    }

    /// The numbers printed twice, out of order or not at all, losses excluded. `sent` are the numbers that were sent.
    func faults(_ sent: [Int]) -> [String] {
        var faults: [String] = []
        var last: Int?
        for line in lines.all {
            if line["type"].string == "stream.lost" { last = nil }
            guard let number = line["data"]["number"].int else { continue }
            if let last, number <= last { faults.append("\(number) after \(last)") }
            if let last, number > last {
                let missing = sent.filter { $0 > last && $0 < number }
                if !missing.isEmpty { faults.append("\(missing) missing before \(number)") }
            }
            last = number
        }
        if Set(numbers).count != numbers.count { faults.append("twice: \(numbers)") }
        return faults
    }
}
