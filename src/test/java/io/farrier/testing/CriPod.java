package io.farrier.testing;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Grpc;
import io.farrier.transport.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A pod as a kubelet would make it, in the node's network because a practice node has no CNI. farrier itself never makes
 * one, so the messages are written by hand; field numbers are those of cri-api's api.proto.
 */
public final class CriPod implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Grpc grpc;
    private final String namespace;
    private final String name;
    private final Message config;
    private final String id;

    /** @param cgroup the parent of the pod's control groups */
    public CriPod(Http http, Path socket, String cgroup, String namespace, String name) throws IOException {
        this.grpc = new Grpc(http, new Endpoint.Unix(socket));
        this.namespace = namespace;
        this.name = name;
        this.config = new Message()
                .message(1, new Message().text(1, name).text(2, name + "-uid").text(3, namespace))
                .text(3, logFolder())
                .message(6, label("io.kubernetes.pod.name", name))
                .message(6, label("io.kubernetes.pod.namespace", namespace))
                .message(6, label("team", "lines"))
                .message(
                        8,
                        new Message().text(1, cgroup).message(2, new Message().message(1, new Message().number(1, 2))));
        this.id = firstText(call("RunPodSandbox", new Message().message(1, config)));
    }

    /** Starts a container of the pod that runs {@code script}. */
    public String run(String container, int attempt, String image, long memoryBytes, String script) throws IOException {
        Message spec = new Message()
                .message(1, new Message().text(1, container).number(2, attempt))
                .message(2, new Message().text(1, image))
                .text(3, "/bin/sh")
                .text(4, "-c")
                .text(4, script)
                .message(9, label("io.kubernetes.pod.name", name))
                .message(9, label("io.kubernetes.pod.namespace", namespace))
                .message(9, label("io.kubernetes.container.name", container))
                .text(11, container + "/" + attempt + ".log")
                .message(15, new Message().message(1, new Message().number(4, memoryBytes)));
        String created = firstText(call(
                "CreateContainer", new Message().text(1, id).message(2, spec).message(3, config)));
        call("StartContainer", new Message().text(1, created));
        return created;
    }

    /** As the kubelet asks for it after it has renamed the log file. */
    public void reopenLog(String container) throws IOException {
        call("ReopenContainerLog", new Message().text(1, container));
    }

    /** Stops it, if it runs, and takes it away; its log files stay until somebody removes them. */
    public void remove(String container) throws IOException {
        call("StopContainer", new Message().text(1, container));
        call("RemoveContainer", new Message().text(1, container));
    }

    /** Where the logs of its containers are, each in a folder of its name, as the node sees it. */
    public String logFolder() {
        return "/var/log/pods/" + namespace + "_" + name + "_" + name + "-uid";
    }

    private static Message label(String key, String value) throws IOException {
        return new Message().text(1, key).text(2, value);
    }

    private byte[] call(String method, Message request) throws IOException {
        return grpc.call("runtime.v1.RuntimeService/" + method, request.bytes(), DEADLINE);
    }

    private static String firstText(byte[] message) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        in.readTag();
        return in.readString();
    }

    @Override
    public void close() throws IOException {
        call("StopPodSandbox", new Message().text(1, id));
        call("RemovePodSandbox", new Message().text(1, id));
    }

    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

        Message text(int field, String value) throws IOException {
            out.writeByteArray(field, value.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Message number(int field, long value) throws IOException {
            out.writeInt64(field, value);
            return this;
        }

        Message message(int field, Message value) throws IOException {
            out.writeByteArray(field, value.bytes());
            return this;
        }

        byte[] bytes() throws IOException {
            out.flush();
            return bytes.toByteArray();
        }
    }
}
