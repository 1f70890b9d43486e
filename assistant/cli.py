"""The command line: what was typed → one call of the index or the assistant → output and exit status.

Nothing slow is imported at the top: `--help` answers before the models' libraries are looked at.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from index.errors import NoArchive, OnrecordError, UnknownArticle, UnusableQuestion

if TYPE_CHECKING:
    from index.archive import Archive
    from index.model import Filters

OK, PARTLY, ERROR, INTERRUPTED = 0, 1, 2, 130
_FILTERS = ("since", "until", "outlet", "author", "speaker", "language")
_EPILOG = (
    "Without a command: the chat. The archive is --archive, else $ONRECORD_ARCHIVE, else the nearest .onrecord upward, "
    "else the user's own."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was typed. Gives the exit status; every problem is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows its escape: never another character, never a crash.
            stream.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = options.command
        status = command(options)
        sys.stdout.flush()
        return status
    except OnrecordError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read us has had enough. Python would complain about it once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OK
    except Exception as error:
        if os.environ.get("ONRECORD_DEBUG"):
            raise
        return _fail(
            f"unexpected {type(error).__name__}: {error}; run it again with ONRECORD_DEBUG=1 and report what it prints"
        )


def _fail(message: str, status: int = ERROR) -> int:
    from assistant.console import say

    say(f"onrecord: {message}")
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ERROR, f"onrecord: {' '.join(message.split())}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    # --archive may stand before or after the command: SUPPRESS keeps the second parser from undoing the first.
    anywhere = _Parser(add_help=False)
    anywhere.add_argument(
        "--archive", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="the archive's directory"
    )
    parser = _Parser(
        prog="onrecord",
        description="Answers questions over a folder of articles and proves every answer with verbatim citations.",
        epilog=_EPILOG,
        parents=[anywhere],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    parser.set_defaults(command=_chat)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=[anywhere])
        added.set_defaults(command=run)
        return added

    add = command("add", _add, "add articles: files, folders, JSON Lines of articles")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    add.add_argument("--encoding", metavar="NAME", help="what the text is in, when it is not UTF-8")

    listed = command("list", _list, "list the articles of the archive")
    _with_filters(listed)
    _with_json(listed)

    show = command("show", _show, "print one article")
    show.add_argument("article", help="its id, or the beginning of it")
    _with_json(show)

    remove = command("remove", _remove, "remove articles, by id or by source file")
    remove.add_argument("articles", nargs="+", metavar="ARTICLE")

    check = command("check", _check, "check the archive against itself and against its source files")
    check.add_argument("--repair", action="store_true", help="write the projections (FAISS, tantivy) anew first")

    search = command("search", _search, "print the passages nearest to a question")
    search.add_argument("question", nargs="+")
    search.add_argument("--limit", type=_count, default=10, metavar="N", help="how many (10)")
    _with_filters(search)
    _with_json(search)

    ask = command("ask", _ask, "answer a question with verified citations, or say that there is no answer")
    ask.add_argument("question", nargs="+")
    ask.add_argument("--passages", type=_count_or_none, default=10, metavar="N", help="how many nearest passages (10)")
    _with_filters(ask)
    _with_json(ask)

    statements = command("statements", _statements, "list who said what, article by article")
    statements.add_argument("--about", metavar="TOPIC", help="only the statements nearest to this, best first")
    statements.add_argument("--limit", type=_count, default=50, metavar="N", help="how many with --about (50)")
    _with_filters(statements)
    _with_json(statements)

    speakers = command("speakers", _speakers, "list who speaks: how often, in which outlets, from when to when")
    _with_filters(speakers)
    _with_json(speakers)

    models = command("models", _models, "show the models, or find all statements anew with them (upgrade)")
    models.add_argument("action", nargs="?", choices=["show", "upgrade"], default="show")

    batch = command("batch", _batch, "answer a file of questions (.txt, .jsonl, .csv), a JSON line each")
    batch.add_argument("questions", type=Path)
    batch.add_argument("--output", type=Path, metavar="FILE", help="where the answers go (else stdout)")
    batch.add_argument("--resume", action="store_true", help="go on with what --output already holds")
    batch.add_argument("--passages", type=_count_or_none, default=10, metavar="N", help="nearest passages a line (10)")
    _with_filters(batch)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        parser.exit(OK, f"onrecord {version('onrecord')}\n")


def _with_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="DATE", help="only articles of this date or later (2020, 2020-01, 2020-01-24)"
    )
    parser.add_argument("--until", metavar="DATE", help="only articles of this date or earlier")
    for name in _FILTERS[2:]:
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="NAME", help=f"only this {name}; may be repeated"
        )


def _with_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine output")


def _count(text: str) -> int:
    return _whole_number(text, least=1)


def _count_or_none(text: str) -> int:
    return _whole_number(text, least=0)


def _whole_number(text: str, *, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to 1000")
    return int(text)


def _directory(options: argparse.Namespace) -> Path:
    """Which archive: named, from the environment, the nearest .onrecord upward, the user's own."""
    named: Path | None = getattr(options, "archive", None)
    if named is not None:
        return named
    if from_environment := os.environ.get("ONRECORD_ARCHIVE"):
        return Path(from_environment)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".onrecord").is_dir():
            return folder / ".onrecord"
    import platformdirs

    return Path(platformdirs.user_data_dir("onrecord"))


def _filters(options: argparse.Namespace) -> Filters:
    from assistant.question import filters_of

    return filters_of(**{name: getattr(options, name) for name in _FILTERS})


def _chat(options: argparse.Namespace) -> int:
    # The screen is drawn on stderr: sent elsewhere, it would be a chat that nobody sees.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UnusableQuestion("the chat needs a terminal", 'ask with: onrecord ask "…", or onrecord batch FILE')
    from assistant.tui.app import run

    return run(_existing(_directory(options)))


def _existing(directory: Path) -> Path:
    """The directory, if something like an archive is there: said before anything slow begins."""
    if not (directory / "articles.db").is_file():
        raise NoArchive(f"no archive at {directory}", "make one with: onrecord add FILE_OR_FOLDER")
    return directory


def _add(options: argparse.Namespace) -> int:
    from assistant import console

    directory = _directory(options)
    missing = [path for path in options.paths if not os.path.lexists(path)]
    if len(missing) == len(options.paths):
        for path in missing:
            console.say(f"onrecord: {path}: no such file or folder; check the name, or whether it was moved")
        return ERROR
    from index import adding
    from index.archive import create_archive, open_archive
    from index.encoder import DEFAULT, identify, locate

    model = locate()
    if (directory / "articles.db").is_file():
        recorded = open_archive(directory).encoder
        model = locate(None if recorded.name == DEFAULT else recorded.name)
    archive = create_archive(directory, identify(model))
    progress = console.Progress()
    done = adding.add(
        archive,
        options.paths,
        model,
        encoding=options.encoding,
        refused=lambda refusal: progress.say(f"onrecord: {refusal}"),
        progress=lambda at: progress.update(
            f"{at.files:,} of {at.files_known:,} files read, {at.articles:,} articles in "
            f"({at.passages:,} passages, {at.statements:,} statements)"
        ),
    )
    progress.close()
    counts = {
        "added": done.added, "replaced": done.replaced, "updated": done.updated, "unchanged": done.unchanged,
        "removed": done.removed, "refused": done.refused,
    }  # fmt: skip
    said = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number) or "nothing to add"
    new = f"{done.passages:,} new passages, {done.statements:,} new statements"
    console.say(f"{said}; {new} in {done.seconds:.1f} s, in {directory}")
    if done.interrupted:
        console.say("stopped: what is counted above is in; the same command goes on from there")
        return INTERRUPTED
    taken = done.added + done.replaced + done.updated + done.unchanged
    if not done.refused:
        return OK
    return PARTLY if taken else ERROR


def _list(options: argparse.Namespace) -> int:
    from assistant import console, present
    from assistant.speakers import resolved
    from index.archive import open_archive

    filters = _filters(options)
    with open_archive(_directory(options)).snapshot() as snapshot:
        for listed in snapshot.listed(resolved(snapshot, filters)):
            if options.json:
                console.out(present.dumped(present.article_json(listed)))
            else:
                console.show([present.listed_text(listed)])
    return OK


def _show(options: argparse.Namespace) -> int:
    from assistant import console, present
    from index.archive import open_archive

    archive = open_archive(_directory(options))
    identity = archive.resolve(options.article)
    with archive.snapshot() as snapshot:
        listed = snapshot.listed_one(identity)
    if listed is None:  # removed by another process a moment ago
        raise UnknownArticle(f"no article {options.article!r}", "see the ids with: onrecord list")
    if options.json:
        console.out(present.dumped({**present.article_json(listed), "text": listed.article.text}))
    else:
        console.show(present.article_text(listed.article))
    return OK


def _remove(options: argparse.Namespace) -> int:
    from assistant import console
    from index.archive import open_archive

    archive = open_archive(_directory(options))
    status = OK
    for name in options.articles:
        try:
            removed = archive.remove(name)
        except OnrecordError as error:
            console.say(f"onrecord: {error}")
            status = ERROR
        else:
            console.say(f"removed {', '.join(removed)}")
    return status


def _check(options: argparse.Namespace) -> int:
    from assistant import console
    from index.archive import open_archive

    archive = open_archive(_directory(options))
    if options.repair:
        archive.repair()
    problems = archive.check()
    for problem in problems:
        console.out(problem)
    if problems:
        console.say("1 problem found" if len(problems) == 1 else f"{len(problems):,} problems found")
        return PARTLY
    with archive.snapshot() as snapshot:
        articles, passages = snapshot.counts()
    console.say(f"clean: {articles:,} articles, {passages:,} passages, generation {snapshot.generation}")
    return OK


def _statements(options: argparse.Namespace) -> int:
    from assistant import console, present
    from assistant.speakers import statements_of

    archive = _opened(options)
    filters = _filters(options)
    with archive.snapshot() as snapshot:
        for article, stored in statements_of(snapshot, filters, about=options.about, limit=options.limit):
            if options.json:
                console.out(present.dumped(present.statement_json(article, stored.statement)))
            else:
                console.show(present.statement_text(article, stored.statement))
    return OK


def _speakers(options: argparse.Namespace) -> int:
    from assistant import console, present
    from assistant.speakers import resolved

    with _opened(options).snapshot() as snapshot:
        exact = resolved(snapshot, _filters(options))
        for named in snapshot.speakers(exact):
            if exact.speaker and named.name not in exact.speaker:
                continue
            if options.json:
                console.out(present.dumped(present.speaker_line_json(named)))
            else:
                console.show([present.speaker_line(named)])
    return OK


def _models(options: argparse.Namespace) -> int:
    from assistant import console
    from index.statements.finder import Finder

    archive = _opened(options)
    finder = Finder()
    if options.action == "upgrade":
        from index.upgrading import upgrade

        progress = console.Progress()
        done = upgrade(
            archive, finder, progress=lambda at, of: progress.update(f"{at:,} of {of:,} texts looked through")
        )
        progress.close()
        console.say(
            f"{done:,} texts looked through for statements" if done else "every text was looked through already"
        )
        return OK
    with archive.snapshot() as snapshot:
        waiting = snapshot.without_statements(finder=finder.version)
    console.out(f"passage encoder   {archive.encoder.name}  {archive.encoder.sha256[:12]}")
    console.out(f"statements        {finder.version}")
    if waiting:
        console.out(f"{waiting:,} texts not looked through with these: run onrecord models upgrade")
    return OK


def _opened(options: argparse.Namespace) -> Archive:
    from index.archive import open_archive

    return open_archive(_directory(options))


def _search(options: argparse.Namespace) -> int:
    from assistant import console, present

    assistant = _assistant(options)
    passages = assistant.search(" ".join(options.question), filters=_filters(options), limit=options.limit)
    if options.json:
        for line in present.found_json(passages):
            console.out(present.dumped(line))
    else:
        console.show(present.passages_text(passages))
    return OK


def _ask(options: argparse.Namespace) -> int:
    from assistant import console, present

    filters = _filters(options)
    answer = _assistant(options).ask(" ".join(options.question), filters=filters, passages=options.passages)
    if options.json:
        console.out(present.dumped(present.answer_json(answer)))
    else:
        console.show(present.answer_text(answer))
    return OK if answer.outcome == "answered" else PARTLY


def _batch(options: argparse.Namespace) -> int:
    from assistant import batch, console

    if options.resume and options.output is None:
        raise UnusableQuestion("--resume needs --output", "name the file to go on with")
    rows = batch.read_rows(options.questions)
    defaults = {name: getattr(options, name) for name in _FILTERS}
    _filters(options)  # a bad filter on the command line is said once, not in every line
    assistant = _assistant(options)
    if options.output is None:
        output = batch.Output(sys.stdout.buffer, 0, 0)
    else:
        output = batch.Output.open(options.output, rows, resume=options.resume)
    progress = console.Progress()
    try:
        batch.run(
            assistant, rows, output, defaults, passages=options.passages,
            progress=lambda done: progress.update(f"{done:,} of {len(rows):,} questions answered"),
        )  # fmt: skip
    except KeyboardInterrupt:
        go_on = " --resume goes on from there" if options.output is not None else ""
        progress.say(f"stopped after {output.done:,} of {len(rows):,} questions;{go_on or ' nothing was kept'}")
        return INTERRUPTED
    finally:
        progress.close()
        if options.output is not None:
            output.close()
    return ERROR if output.errors else OK


def _assistant(options: argparse.Namespace) -> Any:
    directory = _existing(_directory(options))
    from assistant.console import say
    from assistant.engine import Assistant

    return Assistant.open(directory, notify=say)


if __name__ == "__main__":
    sys.exit(main())
