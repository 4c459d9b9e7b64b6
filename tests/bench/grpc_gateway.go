// What json_bench compares the gateway with: grpc-gateway, as its own documentation sets it up, and
// with all fields in its replies.
//
//	grpc_gateway BACKEND PORT_FILE
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"google.golang.org/grpc"

	membershipv1 "baliprocess.net/go/membership/v1"
)

func run(backend, portFile string) error {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{EmitDefaults: true}))
	options := []grpc.DialOption{grpc.WithInsecure()}
	err := membershipv1.RegisterMembershipServiceHandlerFromEndpoint(
		context.Background(), mux, backend, options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := fmt.Sprintln(listener.Addr().(*net.TCPAddr).Port)
	if err := os.WriteFile(portFile, []byte(port), 0o600); err != nil {
		return err
	}
	return http.Serve(listener, mux)
}

func main() {
	log.Fatal(run(os.Args[1], os.Args[2]))
}
