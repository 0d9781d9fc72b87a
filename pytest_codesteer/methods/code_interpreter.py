"""Code Interpreter: the question, and an interpreter that the model uses as it likes.

arXiv:2410.03524, section 3, method 7, there for three models of one provider.  Here every model has one: the
provider's own where there is one, and otherwise a session of our sandbox, which the model calls as a tool
or, if it knows no tools, by a fenced block.
"""

from pytest_codesteer.answers import Unreadable, called_program
from pytest_codesteer.conversation import (
    Message,
    Steps,
    ToolCall,
    ask,
    assistant,
    conclude,
    output,
    run_code,
    user,
)
from pytest_codesteer.feedback import told
from pytest_codesteer.prompts import Prompts

TOOL = "python"
ROUNDS = 6  # of calls; after the last one the model has to answer
CALLS = 4  # that are performed of one reply


def code_interpreter(question: str, prompts: Prompts) -> Steps[str]:
    """Ask the question as it is, with an interpreter at hand."""
    return (yield from interpreted(user(question), prompts))


def interpreted(message: Message, prompts: Prompts) -> Steps[str]:
    """Ask, and perform what the model calls the interpreter for, until it answers."""
    chat = [message]
    for left in reversed(range(ROUNDS)):
        reply = yield from ask(*chat, tools=(TOOL,))
        if not reply.tool_calls:
            break
        calls = reply.tool_calls[:CALLS]
        chat.append(assistant(reply.text, calls))
        for call in calls:
            result = yield from _performed(call, prompts)
            if not left and call is calls[-1]:
                result = prompts.render("code_interpreter_last", result=result)
            chat.append(output(result, call.id))
    else:
        reply = yield from ask(*chat)
    return (yield from conclude(reply, session=TOOL))


def _performed(call: ToolCall, prompts: Prompts) -> Steps[str]:
    """Return what the model is told of a call."""
    if call.name != TOOL:
        return f"There is no tool {call.name!r:.60}; the only one is {TOOL!r}."
    try:
        source = called_program(call.arguments)
    except Unreadable as fault:
        return f"Nothing was run: {fault}."
    return told((yield from run_code(source, session=TOOL)), prompts)
