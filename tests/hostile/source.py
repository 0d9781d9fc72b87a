"""Programs whose text is the attack."""

from tests.hostile.program import attack

_REFUSED = ("error", "memory", "killed")

PROGRAMS = (
    attack("nul_in_the_source", "print(1)\x00print(2)", "error"),
    attack("surrogate_in_the_source", "x = '\ud800'", "error"),
    attack("deeply_nested_source", "(" * 100_000 + ")" * 100_000, "error", "memory", "killed"),
    attack("huge_source", "x = 1\n" * 500_000, "ok", "memory", "timeout"),
    attack("empty_source", "", "ok", stdout="", exit_code=0),
    attack("odd_encoding", "# -*- coding: rot13 -*-\ncevag(1)", "error"),
    attack("latin_encoding", "# -*- coding: latin-1 -*-\nprint('x')", "ok", stdout="x\n"),
    attack("byte_order_mark", "\ufeffprint('x')", "ok", stdout="x\n"),
    attack("only_nul", "\x00" * 1000, "error"),
    attack("nul_in_a_comment", "# \x00\nprint('x')", "error"),
    attack("nul_in_a_string", "print('\x00')", "error"),
    attack("two_byte_order_marks", "\ufeff\ufeffprint('x')", "error"),
    attack("only_a_byte_order_mark", "\ufeff", "ok", stdout=""),
    attack("byte_order_mark_and_encoding", "\ufeff# -*- coding: latin-1 -*-\nprint('x')", "error"),
    attack("unknown_encoding", "# -*- coding: no-such-encoding -*-\nprint('x')", "error"),
    attack("encoding_of_two_bytes", "# -*- coding: utf-16 -*-\nprint('x')", "error"),
    attack("encoding_with_a_path", "# coding: ../../../etc/passwd\nprint('x')", "error", "ok"),
    attack("only_a_comment", "# nothing", "ok", stdout="", exit_code=0),
    attack("only_line_ends", "\n" * 100_000, "ok", stdout=""),
    attack("only_a_continuation", "\\", "error"),
    attack(
        "line_ends_of_other_systems",
        "print('a')\r\nprint('b')\rprint('c')",
        "ok",
        stdout="a\nb\nc\n",
    ),
    attack("form_feeds", "\x0cif True:\n\x0c    print('x')\n\x0c", "ok", stdout="x\n"),
    attack("end_of_file_sign", "print('x')\n\x1a", "error"),
    attack("tabs_and_blanks", "if True:\n\tx = 1\n        y = 2\n", "error"),
    attack("two_surrogates", "print('\ud83d\ude00')", "error"),
    attack("surrogate_in_a_comment", "# \udcff\nprint('x')", "error", "ok"),
    attack("names_of_odd_letters", "\u2118\u00b7 = 1\nprint(\u2118\u00b7)", "ok", stdout="1\n"),
    attack("reversed_text", "print('a\u202e\u2066b')", "ok", stdout="a\u202e\u2066b\n"),
    attack(
        "one_endless_line_of_source", f"x = '{'y' * 10_000_000}'\nprint(len(x))", "ok", stdout="10000000\n"
    ),
    attack("open_string_of_megabytes", '"""' + "x" * 10_000_000, "error", "output_limit"),
    attack("a_million_open_brackets", "[" * 1_000_000, *_REFUSED),
    attack("brackets_of_all_kinds", "([{" * 30_000 + "}])" * 30_000, *_REFUSED),
    attack("a_hundred_thousand_signs", f"x = {'-' * 100_000}1", *_REFUSED),
    attack("a_hundred_thousand_negations", f"x = {'not ' * 100_000}1", *_REFUSED),
    attack("a_long_chain_of_sums", f"x = {'1+' * 100_000}1", *_REFUSED, "ok"),
    attack("a_long_chain_of_attributes", f"x{'.x' * 100_000}", *_REFUSED),
    attack("a_long_chain_of_calls", f"x = print{'()' * 100_000}", *_REFUSED),
    attack(
        "a_long_chain_of_conditions", "if 0: pass\n" + "elif 0: pass\n" * 20_000, *_REFUSED, "ok", "timeout"
    ),
    attack("deep_indentation", "".join(" " * depth + "if 1:\n" for depth in range(200)), "error"),
    attack("nested_functions", f"x = {'lambda: ' * 20_000}1", *_REFUSED, "timeout"),
    attack("nested_format_strings", 'f"{' * 200 + "1", "error"),
    attack("huge_number", f"x = {'9' * 1_000_000}", "error"),
    attack("huge_hexadecimal_number", f"print((0x{'f' * 1_000_000}).bit_length())", "ok", stdout="4000000\n"),
    attack("huge_constant_expression", "x = (1 << 100_000_000) ** 10", "ok", "memory", "timeout", "killed"),
    attack(
        "a_hundred_thousand_names",
        "\n".join(f"x{number} = {number}" for number in range(100_000)),
        "ok",
        "timeout",
        "memory",
    ),
)
