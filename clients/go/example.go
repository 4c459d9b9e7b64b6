// Lists who chairs which body, shows how a mistake is told, and follows changes until it has seen one.
//
// Where the suite is, is told as to balictl: BALI_SERVER, BALI_CA, BALI_TOKEN_FILE.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	common "baliprocess.net/go/common/v1"
	membership "baliprocess.net/go/membership/v1"
)

// A token from a file, which is read for each call, so that it may be replaced.
type tokenFile string

func (file tokenFile) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	token, err := os.ReadFile(string(file))
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + strings.TrimSpace(string(token))}, nil
}

func (tokenFile) RequireTransportSecurity() bool { return true }

func connect() (*grpc.ClientConn, error) {
	tls, err := credentials.NewClientTLSFromFile(os.Getenv("BALI_CA"), "")
	if err != nil {
		return nil, err
	}
	return grpc.Dial(os.Getenv("BALI_SERVER"), grpc.WithTransportCredentials(tls),
		grpc.WithPerRPCCredentials(tokenFile(os.Getenv("BALI_TOKEN_FILE"))))
}

// Page by page.
func showChairs(ctx context.Context, client membership.MembershipServiceClient) error {
	request := &membership.ListSeatsRequest{Parent: "bodies/-", Filter: "role = CHAIR", PageSize: 3}
	for {
		page, err := client.ListSeats(ctx, request)
		if err != nil {
			return err
		}
		for _, seat := range page.Seats {
			fmt.Println(seat.Name, seat.Member)
		}
		if page.NextPageToken == "" {
			return nil
		}
		request.PageToken = page.NextPageToken
	}
}

// The reason is what programs branch on; violations name the field.
func tell(err error) {
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Println(detail.Reason)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fmt.Println(violation.Field, violation.Description)
			}
		}
	}
}

func makeAMistake(ctx context.Context, client membership.MembershipServiceClient) {
	_, err := client.CreateSeat(ctx, &membership.CreateSeatRequest{
		Parent: "bodies/wg-tip", Seat: &membership.Seat{Member: "members/fji"}})
	tell(err)
}

// Records an outside forum, and sees that change arrive.
func followChanges(ctx context.Context, client membership.MembershipServiceClient) error {
	changes, err := client.WatchChanges(ctx, &common.WatchChangesRequest{
		Types: []string{"baliprocess.net/ExternalForum"}})
	if err != nil {
		return err
	}
	// The first reply has no change: the watch stands from here on.
	if _, err = changes.Recv(); err != nil {
		return err
	}
	if _, err = client.CreateExternalForum(ctx, &membership.CreateExternalForumRequest{
		ExternalForumId: "example-go",
		ExternalForum:   &membership.ExternalForum{DisplayName: "An outside forum"}}); err != nil {
		tell(err)
		return nil
	}
	for {
		reply, err := changes.Recv()
		if err != nil {
			return err
		}
		for _, change := range reply.Changes {
			fmt.Println(change.Kind, change.Resource)
			return nil
		}
	}
}

func run() error {
	connection, err := connect()
	if err != nil {
		return err
	}
	defer connection.Close()
	client := membership.NewMembershipServiceClient(connection)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err = showChairs(ctx, client); err != nil {
		return err
	}
	makeAMistake(ctx, client)
	return followChanges(ctx, client)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
