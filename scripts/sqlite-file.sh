# The file of a SQLite address, for the scripts that need it. The program reads the same grammar
# (crates/core/src/db/url/sqlite.rs); a test compares the two.

# Sets `sqlite_file`, or explains what is expected and fails.
sqlite_file_of() {
    local path=${1#sqlite:} options='' option decoded
    case $path in *\?*) options=${path#*\?} path=${path%%\?*} ;; esac
    path=${path#//}
    local IFS='&'
    for option in $options; do
        case $option in
        '' | mode=rwc | mode=rw | cache=private) ;;
        *)
            echo 'the address must have mode=rwc or mode=rw as its only option after the ?' >&2
            return 2
            ;;
        esac
    done
    # Other characters stand for themselves: %b would interpret a backslash.
    local rest=${path//%[0-9A-Fa-f][0-9A-Fa-f]/}
    case $rest in
    *%*)
        echo 'the address must write a % in its path as %25' >&2
        return 2
        ;;
    esac
    decoded=${path//\\/\\\\}
    printf -v decoded '%b' "${decoded//%/\\x}"
    case $decoded in
    '' | */ | . | .. | */. | */.. | file:* | *[[:cntrl:]]*)
        echo 'the address must name a file' >&2
        return 2
        ;;
    # The tools would read it as an option.
    -*) decoded=./$decoded ;;
    esac
    sqlite_file=$decoded
}
