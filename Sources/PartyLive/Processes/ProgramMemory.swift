internal import CLinux

/// Settings of the allocator and the pages of the whole process. For programs: the library never calls this.
package enum ProgramMemory {
    /// Makes a short run faster.
    package static func tune() {
        // glibc grows an arena for each thread page by page, which is 5 % of a short command's time. A stream needs two: one for
        // the thread that reads it and one for the thread that writes.
        party_limit_arenas(2)
        party_map_data()
    }
}
