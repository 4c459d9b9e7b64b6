"""Other proxies in front of a backend of gRPC, with one thread and plaintext HTTP/2 on both sides."""

import os

import bench

_NGINX = """
daemon off; master_process off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {dir}/nginx; proxy_temp_path {dir}/nginx; fastcgi_temp_path {dir}/nginx;
  uwsgi_temp_path {dir}/nginx; scgi_temp_path {dir}/nginx;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 1024; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} http2;
    http2_max_concurrent_streams 256;
    location / {{ grpc_pass grpc://backend; }}
  }}
}}
"""

_HAPROXY = """
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend clients
  bind 127.0.0.1:{port} proto h2
  default_backend services
backend services
  server one 127.0.0.1:{backend} proto h2
"""


def start_haproxy(run):
    port = bench.free_port()
    config = run.file('haproxy.conf', _HAPROXY.format(port=port, backend=run.ports['backend']))
    run.start('haproxy', ['haproxy', '-f', config], port)


def start_nginx(run):
    port = bench.free_port()
    os.mkdir(run.file('nginx'))
    config = run.file('nginx.conf', _NGINX.format(dir=run.directory, port=port,
                                                  backend=run.ports['backend']))
    run.start('nginx', ['nginx', '-p', run.directory, '-c', config, '-e', run.file('nginx.log')],
              port)
