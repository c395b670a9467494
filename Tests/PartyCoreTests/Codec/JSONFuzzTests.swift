import Foundation
import PartyCore
import PartyTestSupport
import Testing

struct JSONFuzzTests {
    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONDocument(bytes)) != nil
    }

    @Test func `no prefix of a frame is a frame`() throws {
        for (_, frame) in try Fixture.frames() {
            for length in 0..<frame.count {
                let error = #expect(throws: CodecError.self) { try JSONDocument(Array(frame[..<length])) }
                #expect((0...length).contains(error?.offset ?? -1))
            }
            #expect(Self.isJSON(frame))
        }
    }

    @Test func `the offset of an error is in the text, and the bytes before it are a valid start`() throws {
        var generator = SeededChance(seed: 7)
        let frame = try Fixture.frames()[1].frame
        for _ in 0..<2000 {
            let mutant = Self.mutant(of: frame, &generator)
            do throws(CodecError) { _ = try JSONDocument(mutant) } catch {
                #expect((0...mutant.count).contains(error.offset))
                // Cut before the error the text is complete or unfinished: its error is at its end, or at the start
                // of the cut token.
                let cut = Array(mutant[..<error.offset])
                do throws(CodecError) { _ = try JSONDocument(cut) } catch let atCut {
                    #expect(cut.count - atCut.offset < 6, "\(error); cut there: \(atCut)")
                    continue
                }
                let isEnd = ["something follows the JSON value", "a number starts with 0"].contains(error.problem)
                #expect(isEnd, "\(error), although what stands before is JSON")
            }
        }
    }

    /// Foundation is the reference, except where it is known to differ from RFC 8259.
    @Test(arguments: 0..<8)
    func `mutated frames are JSON exactly where Foundation says so`(_ seed: Int) throws {
        var generator = SeededChance(seed: UInt64(seed))
        let seeds = try Fixture.frames().map(\.frame).filter { $0.count < 2000 } + Self.corners
        var valid = 0
        for _ in 0..<500 {
            let mutant = Self.mutant(of: try #require(seeds.randomElement(using: &generator)), &generator)
            let ours = Self.isJSON(mutant)
            let theirs = (try? JSONSerialization.jsonObject(with: Data(mutant), options: .fragmentsAllowed)) != nil
            valid += ours ? 1 : 0
            if ours != theirs, !Self.isKnownDifference(mutant, ours: ours) {
                Issue.record("ours \(ours), Foundation \(theirs): \(text(mutant))")
            }
        }
        #expect((10...490).contains(valid), "\(valid) of 500 valid: the mutations are too mild or too wild")
    }

    private static let corners = [
        #"{"a":[1,-2.5e+3,true,false,null,"\u00e9\n\ud83d\ude00"],"b":{},"c":[[]],"é😀":"€"}"#,
        #"[0,-0,1e5,"\"\\\/\b\f\n\r\t",{"x":{"y":[1,2,3]}}]"#, #" "text" "#, "-12.50E-7",
    ].map { Array($0.utf8) }

    /// Foundation refuses a lone surrogate; the grammar allows it and so do we. No other difference was seen.
    private static func isKnownDifference(_ bytes: [UInt8], ours: Bool) -> Bool {
        ours && text(bytes).firstMatch(of: /\\u[dD][89a-fA-F]/) != nil
    }

    private static func mutant(of seed: [UInt8], _ generator: inout SeededChance) -> [UInt8] {
        let alphabet =
            Array("{}[]:,\"\\/ \n\t\r019-+.eEutfnblrs_xX'\u{0}\u{1F}\u{7F}".utf8) + [
                0x80, 0xBF, 0xC3, 0xE2, 0xED, 0xF0, 0xFF,
            ]
        var bytes = seed
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let byte = alphabet.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            case 3: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator))
            default:
                let end = min(bytes.count, place + Int.random(in: 1...4, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
