"""The attacks on the gateway, and how each must end."""

from typing import NamedTuple


class Trace(NamedTuple):
    """What is left of an attack for operators: a line in the log about the attacker, with these
    words in it, and a metric that has grown, with these in its labels."""
    message: str
    words: str
    metric: str
    label: str


def cut_off(reason=''):
    return Trace('client cut off', reason, 'gateway_connections_cut_off_total', reason)


def not_http(reason=''):
    return Trace('request refused', reason, 'gateway_http1_requests_refused_total', reason)


def call_refused(reason):
    """A reason of baliprocess.api.v1.Error."""
    return Trace('call', reason, 'gateway_refusals_total', reason)


def answered(words, code):
    """By the service, with an error."""
    return Trace('call', words, 'grpc_server_handled_total', 'grpc_code="{}"'.format(code))


def limited(what):
    return Trace('call refused', what, 'gateway_limited_total', what)


def handshake(reason):
    return Trace('handshake failed', reason, 'gateway_tls_handshakes_total', reason)


def no_place(words, why):
    return Trace('connection refused', words, 'gateway_connections_refused_total', why)


class Row(NamedTuple):
    name: str
    trace: Trace
    connections: int = 2
    addresses: int = 1  # that they come from
    seconds: float = 0  # that it takes at least
    cut: bool = True  # whether each connection ends by the gateway's doing
    reset: bool = False  # whether streams do
    cpu: float = 0.3  # seconds of a core that a connection may cost until it is cut; 0: any
    plain: bool = False  # on the gateway without TLS
    last_words: tuple = ()  # of these one, or nothing, is the last status of HTTP/1.1


ROWS = [
    # Frames of HTTP/2.
    *(Row(name, cut_off()) for name in (
        'ping', 'ping_ack', 'settings', 'large_settings', 'window_flips', 'window_update',
        'table_flips', 'goaway', 'priority', 'priority_update', 'unknown', 'empty_data',
        'padded_data', 'one_byte_data', 'padded_one_byte_data', 'data_after_reset',
        'rst_of_closed', 'tiny_windows', 'header_references', 'ignored_references',
        'trailer_references', 'continued_references', 'continuation', 'continued_fields',
        'made_resets', 'rapid_reset', 'too_many_streams', 'bad_tokens')),
    # Each costs little, so that it takes a while until they are too many.
    Row('key_updates', cut_off(), seconds=4),
    # Those that send no more than a client might are refused call by call.
    Row('bad_binary_field', answered('INVALID_ARGUMENT', 'InvalidArgument'), 1, cut=False),
    Row('large_headers', answered('INVALID_ARGUMENT', 'InvalidArgument'), 1, cut=False),
    Row('gzip_bomb', call_refused('UNSUPPORTED_CALL'), 1, cut=False),
    # Those that hold what others need. It is the gateway's bounds that bite: services hear nothing.
    Row('unfinished_large', limited('too many bytes of unfinished messages'), 15, cut=False,
        cpu=0),
    Row('unfinished_small', limited('too many unfinished calls'), 15, cut=False, cpu=0),
    Row('unread_replies', call_refused('TEMPORARILY_UNAVAILABLE'), 15, seconds=5, cut=False,
        reset=True, cpu=0),
    Row('unread_pages', limited(''), 300, seconds=4, cut=False, cpu=0),
    Row('unread_pages', limited(''), 300, 8, seconds=4, cut=False, cpu=0),
    Row('unread_socket', limited(''), 300, seconds=4, cut=False, cpu=0),
    # Requests of HTTP/1.1.
    Row('smuggling', not_http(), last_words=(400,)),
    Row('one_byte_chunks', cut_off()),
    Row('unknown_paths', cut_off()),
    Row('unknown_methods', cut_off()),
    Row('preflights', cut_off()),
    Row('long_queries', call_refused('INVALID_FIELDS'), cpu=0.6),
    Row('hard_filters', answered('INVALID_ARGUMENT', 'InvalidArgument'), cut=False, cpu=0),
    # Bodies.
    Row('deep_json', call_refused('MALFORMED_REQUEST'), cut=False, cpu=0),
    Row('huge_numbers', call_refused('INVALID_FIELDS'), cpu=0.6),
    Row('huge_exponents', call_refused('INVALID_FIELDS'), cut=False, cpu=0),
    Row('many_keys', call_refused('INVALID_FIELDS'), cpu=0.6),
    Row('many_values', call_refused('MALFORMED_REQUEST'), cpu=0.6),
    Row('gzip_bodies', call_refused('TOO_LARGE'), cpu=0.6),
    Row('gzip_spaces', cut_off('too much work'), 20, seconds=3),
]
HUNDREDS = 200
LONG = 9  # seconds, for what ends by a timeout, also on a busy machine
# Those of a line take place at once: since they last as long as a timeout, or need little.
TOGETHER = {
    'endless': [
        Row('endless_fields', not_http('headers are too large'), last_words=(431, 429)),
        Row('endless_field', not_http('headers are too large'), last_words=(431, 429)),
        Row('endless_target', not_http('headers are too large'), last_words=(431, 429)),
        Row('endless_trailers', not_http('trailers are too large'), last_words=(431, 429)),
        Row('endless_extension', not_http("a chunk's line is too long"), last_words=(400, 429)),
    ],
    'web_text': [
        Row('web_text_messages', call_refused('UNSUPPORTED_CALL')),
        Row('web_text_large', call_refused('TOO_LARGE')),
        Row('web_text_bytes', not_http('body is too large')),
        Row('web_text_padding', call_refused('UNSUPPORTED_CALL')),
    ],
    'proxies': [
        Row('proxy_headers', not_http('HTTP/1.1'), plain=True, last_words=(400,)),
        Row('proxies_without_header', no_place('PROXY header', 'no PROXY header'), plain=True),
    ],
    'slow': [
        Row('slow_heads', not_http('took too long'), HUNDREDS, seconds=LONG, last_words=(408,)),
        Row('slow_heads', not_http('took too long'), HUNDREDS, plain=True, last_words=(408,)),
        Row('slow_bodies', call_refused('DEADLINE_PASSED'), 50, last_words=(408,)),
        Row('slow_chunks', call_refused('DEADLINE_PASSED'), 50, last_words=(408,)),
        Row('large_slow_body', call_refused('DEADLINE_PASSED'), 5, last_words=(408,)),
        Row('silent', cut_off('said nothing'), 50),
        Row('slow_tls', handshake('too slow'), HUNDREDS),
        Row('slow_head', cut_off('took too long'), 50),
        Row('slow_proxy_headers', no_place('PROXY header', 'no PROXY header'), HUNDREDS, plain=True),
        Row('pages_unread', call_refused('TEMPORARILY_UNAVAILABLE'), 5),
        Row('pipelined_unread', call_refused('TEMPORARILY_UNAVAILABLE'), 5),
    ],
    'readers': [
        *(Row(name, call_refused('TEMPORARILY_UNAVAILABLE'), 5, seconds=LONG) for name in (
            'lines_unread', 'lines_by_byte', 'events_unread', 'events_by_byte')),
        *(Row(name, call_refused('TEMPORARILY_UNAVAILABLE'), 5, cut=False, reset=True)
          for name in ('h2_lines_unread', 'h2_lines_by_byte', 'h2_events_unread',
                       'h2_events_by_byte')),
    ],
}
